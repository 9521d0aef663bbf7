"""What people send each other about a page, ready for WhatsApp."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.text import Truncator

LONGEST_TITLE = 160
LONGEST_LINE = 200
MOST_LINES = 16


def whatsapp(title, lines, path):
    """A wa.me link with the title in bold, `lines` and the address of `path`.

    For what everyone may read. An empty line of `lines` is left out; too many, or too
    long ones, are cut, so that the whole fits into an address.
    """
    title = _line(title, LONGEST_TITLE).replace("*", "")
    lines = [_line(line, LONGEST_LINE) for line in lines if line]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    text = "\n".join([f"*{title}*", *lines, f"{settings.SITE_URL}{path}"])
    # %20, not +: WhatsApp on some phones shows the plus.
    return f"https://wa.me/?{urlencode({'text': text}, quote_via=quote)}"


def _line(text, most):
    return Truncator(" ".join(str(text).split())).chars(most)
