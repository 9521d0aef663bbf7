"""The key each form of a signed-in page carries: a signed number and its writer.

The number tells a form sent twice from two forms; the writer keeps what one person
typed from being sent in the name of another.
"""

from uuid import UUID, uuid4

from django.core import signing

FIELD = "form_key"


def new_key(user):
    """A fresh key for a form shown to `user`."""
    return _signer().sign(f"{uuid4().hex}.{user.pk or ''}")


def read_key(text):
    """The (UUID, user pk as text) of a key of ours; (None, None) of anything else."""
    try:
        number, _dot, user_id = _signer().unsign(text).partition(".")
    except signing.BadSignature:
        return None, None
    return UUID(number), user_id


def _signer():
    return signing.Signer(salt="kit.form_key")
