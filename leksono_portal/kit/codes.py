"""Codes printed on papers: unguessable, and short enough to type from paper."""

import re
import secrets

from django.conf import settings

# Crockford's base 32: nothing in it is mistaken for something else in it.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
LOOKALIKES = str.maketrans("OIL", "011")


def new_code():
    """Sixteen signs, 80 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read(text):
    """The code that `text` writes, in any case, with dashes or blanks; None if none."""
    code = re.sub(r"[\s-]", "", text).upper().translate(LOOKALIKES)
    return code if re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", code) else None


def grouped(code):
    """`7K3Q-9XM2-A4TV-R8BN`, as papers print it."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def address(code):
    """Where anyone can check the paper that bears `code`."""
    return f"{settings.SITE_URL}/verifikasi/{code}/"
