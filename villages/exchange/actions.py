"""Offering, asking for, and closing what villages can lend one another."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale
from villages.exchange.models import Resource

TOLD = ["what", "title", "description", "how_many", "place"]
TOLD += ["available_from", "available_until"]


@transaction.atomic
def publish(*, by, village, kind, what, title, **fields):
    """Tell all villages what `village` has or needs; returns the resource.

    For the village's staff, and the secretary of its district. kind: a
    `Resource.Kind`. fields: description, how_many, place, available_from,
    available_until.
    """
    if not Resource.objects.villages_publishable_by(by).filter(pk=village.pk).exists():
        raise PermissionDenied(_("Anda tidak berwenang menulis atas nama desa ini."))
    return Resource.objects.create(
        village=village,
        kind=kind,
        what=what,
        title=title,
        created_by=by,
        updated_by=by,
        **fields,
    )


@transaction.atomic
def edit(resource, *, by, version, **fields):
    """Change what is told; village and kind stay. For those who may publish it.

    Raises Stale when it was changed or closed meanwhile.
    """
    resource = _locked(resource, by)
    if resource.version != version:
        raise Stale(by=resource.updated_by.name, at=resource.updated_at)
    old = _told(resource)
    for name, value in fields.items():
        setattr(resource, name, value)
    resource.version += 1
    resource.updated_by = by
    resource.save(update_fields=[*fields, "version", "updated_by", "updated_at"])
    audit.record(
        "resource.edit",
        target=f"Sumber daya {resource.pk}",
        by=by,
        old=old,
        new=_told(resource),
        address=resource.get_absolute_url(),
    )
    return resource


@transaction.atomic
def close(resource, *, by, status, reason):
    """Take it off the lists, for good, with a public reason; returns it.

    status: AGREED (met, or lent) or WITHDRAWN. For those who may publish it. Raises
    Stale when a colleague has closed it.
    """
    resource = _locked(resource, by)
    resource.status = status
    resource.closed_because = reason
    resource.closed_by = resource.updated_by = by
    resource.closed_at = dates.now()
    resource.version += 1
    resource.save()
    return resource


def _locked(resource, by):
    """The resource as it stands, open and its row locked.

    The rule is asked after the lock, in a statement of its own, so that it reads the
    offices of that moment.
    """
    Resource.objects.select_for_update(no_key=True).filter(pk=resource.pk).first()
    found = (
        Resource.objects.handled_by(by)
        .select_related("closed_by", "updated_by")
        .filter(pk=resource.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied(_("Ini ditangani perangkat desa yang menulisnya."))
    if found.is_closed:
        raise Stale(
            by=found.closed_by.name,
            at=found.closed_at,
            message=_("%(by)s sudah menutupnya pada %(at)s.")
            % {"by": found.closed_by.name, "at": dates.format_when(found.closed_at)},
        )
    return found


def _told(resource):
    return {name: getattr(resource, name) for name in TOLD}
