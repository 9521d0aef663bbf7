"""The style sheet: inside the first page of a visit, linked from those after it.

On a slow line a linked sheet costs another trip before anything is seen. The first page
therefore brings it along and has it fetched, when all is shown, for the next pages,
which find it in the browser's cache. Who comes from a page of ours says so in Referer;
where that is missing the page is a little heavier, and right all the same.

What the head of a page needs stands before it, the rest after it: so a reader sees where
they are while most of the style is still under way. The layers keep their order.
"""

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost

TEXT = (Path(__file__).parents[2] / "static/css/portal.css").read_text()
_end = TEXT.index("@layer parts {")
FRAME, REST = TEXT[:_end], TEXT[_end:]
ALLOWED = [  # in the content policy
    f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
    for part in (FRAME, REST)
]


def is_first_page(request):
    """Whether a visit to the portal begins here."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
        return came_from.netloc != request.get_host()
    except (ValueError, DisallowedHost):
        return True
