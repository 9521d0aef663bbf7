"""Two at once who may both be refused."""

from collections import Counter

from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.tests.threads import at_once

REFUSED = (PermissionDenied, Stale, ValidationError)


def together(*jobs):
    """Run `jobs` at once; how each ended, counted: done, or the name of its refusal."""
    return Counter(_ending(outcome) for outcome in at_once(*jobs))


def _ending(outcome):
    if isinstance(outcome, REFUSED):
        return type(outcome).__name__
    return repr(outcome) if isinstance(outcome, Exception) else "done"
