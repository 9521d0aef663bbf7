"""The audit trail: what staff and auditors look up when no timeline tells it."""

from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.models import AuditEvent


@in_indonesian()
def record(verb, *, target, by, old=None, new=None, address=""):
    """Write one line of the trail, inside the caller's transaction.

    `target` and `by` are kept as text, so that they outlive what they name; `old` and
    `new` are JSON (dates and decimals are written as text); `address` is where the
    thing can be seen. Lines are never changed nor removed, the database sees to it.
    """
    return AuditEvent.objects.create(
        verb=verb, target=str(target), by=str(by), old=old, new=new, address=address
    )
