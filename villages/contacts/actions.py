"""Writing down how to reach a village's office."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit
from leksono_portal.kit.errors import Stale
from villages.areas.models import Village
from villages.contacts.models import Contact

TOLD = ["address", "hours", "phone", "whatsapp", "email"]


@transaction.atomic
def save_contact(village, *, by, version=0, **fields):
    """Write the contact of the village's office; returns it.

    For the village's staff, and the admin of its district. version: of the contact
    the writer saw, 0 for none. fields: address, hours, phone, whatsapp, email;
    numbers as `PHONE` says. Raises Stale.
    """
    # The village's row, since the contact may not be there yet.
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)
    allowed = Contact.objects.villages_editable_by(by)
    if not allowed.filter(pk=village.pk).exists():
        raise PermissionDenied(_("Kontak kantor ditulis perangkat desa itu sendiri."))
    contact = Contact.objects.filter(pk=village.pk).select_related("updated_by").first()
    contact = contact or Contact(village=village)
    if contact.version != version:
        raise Stale(by=contact.updated_by.name, at=contact.updated_at)
    old = _told(contact)
    for name, value in fields.items():
        setattr(contact, name, value)
    contact.version += 1
    contact.updated_by = by
    contact.save()
    audit.record(
        "village.contact",
        target=village.full_name,
        by=by,
        old=old,
        new=_told(contact),
        address=village.get_absolute_url(),
    )
    return contact


def _told(contact):
    return {name: getattr(contact, name) for name in TOLD}
