"""The key each form of a signed-in page carries: a signed number and its writer.

The number tells a form sent twice from two forms; the writer keeps what one person
typed from being sent in the name of another. The forms of one page count on from the
number of the first, so that a page of many forms stays light.
"""

import re
from uuid import UUID, uuid4

from django.core import signing

FIELD = "form_key"
NTH = re.compile(r"(?s)(.*?)(?:\.([1-9][0-9]{0,3}))?")


def new_key(user):
    """A fresh key for a form shown to `user`."""
    return _signer().sign(f"{uuid4().hex}.{user.pk or ''}")


def next_key(request):
    """The key of the next form on the page that answers `request`."""
    first, nth = getattr(request, "form_keys", None) or (new_key(request.user), 0)
    request.form_keys = first, nth + 1
    return f"{first}.{nth}" if nth else first


def read_key(text):
    """The (UUID, user pk as text) of a key of ours; (None, None) of anything else."""
    signed, nth = NTH.fullmatch(text).groups()
    try:
        number, _dot, user_id = _signer().unsign(signed).partition(".")
    except signing.BadSignature:
        return None, None
    return UUID(int=(UUID(number).int + int(nth or 0)) % 2**128), user_id


def _signer():
    return signing.Signer(salt="kit.form_key")
