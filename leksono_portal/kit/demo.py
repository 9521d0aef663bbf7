"""Whether this database holds the demo data; every page then says so."""

import time

from leksono_portal.kit.models import DemoMark

KEPT_SECONDS = 10
_answer = None
_asked_at = 0.0


def is_demo(*, fresh=False):
    """True where the demo mark stands.

    The answer is kept in the process for some seconds; ask `fresh=True` where a right
    hangs on it, such as signing in with the demo password.
    """
    global _answer, _asked_at
    if fresh or _answer is None or time.monotonic() - _asked_at > KEPT_SECONDS:
        _answer = DemoMark.objects.exists()
        _asked_at = time.monotonic()
    return _answer


def mark():
    """Mark this database as holding demo data."""
    DemoMark.objects.get_or_create(pk=1)
    forget()


def forget():
    """Ask the database again at the next question."""
    global _answer
    _answer = None
