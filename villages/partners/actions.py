"""Keeping the list of a district's partners."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale
from villages.partners.models import Partner, districts_keepable_by

TOLD = ["kind", "name", "description", "offers", "contact", "website"]


@transaction.atomic
def add(*, by, district, **fields):
    """Put a partner on the list of `district`; returns it.

    For the camat, the secretary and the admin of the district. fields: kind, name,
    description, offers (values of `Partner.Offer`), contact, website. Raises
    ValidationError for a name that is there already.
    """
    if not districts_keepable_by(by).filter(pk=district.pk).exists():
        raise PermissionDenied(why_not_keep())
    partner = Partner(district=district, created_by=by, updated_by=by, **fields)
    _save_named(partner)
    audit.record(
        "partner.add",
        target=f"Mitra {partner.pk}",
        by=by,
        new=_told(partner),
        address=partner.get_absolute_url(),
    )
    return partner


@transaction.atomic
def edit(partner, *, by, version, **fields):
    """Change what is told of a partner; for those who may add one.

    Raises Stale when it was changed or closed meanwhile, ValidationError as `add`.
    """
    partner = _locked(partner, by, version)
    old = _told(partner)
    for name, value in fields.items():
        setattr(partner, name, value)
    partner.version += 1
    partner.updated_by = by
    _save_named(partner)
    audit.record(
        "partner.edit",
        target=f"Mitra {partner.pk}",
        by=by,
        old=old,
        new=_told(partner),
        address=partner.get_absolute_url(),
    )
    return partner


@transaction.atomic
def close(partner, *, by, version, reason):
    """Take it off the lists, with a public reason; its page and its pledges stay.

    For those who may add one. Raises Stale when it was changed or closed meanwhile.
    """
    partner = _locked(partner, by, version)
    partner.closed_because = reason
    partner.closed_by = partner.updated_by = by
    partner.closed_at = dates.now()
    partner.version += 1
    partner.save()
    audit.record(
        "partner.close",
        target=f"Mitra {partner.pk}",
        by=by,
        new={"reason": reason},
        address=partner.get_absolute_url(),
    )
    return partner


def why_not_keep():
    """The sentence for someone who may not keep the list."""
    return _("Daftar mitra dijaga Camat, Sekretaris Kecamatan, dan Admin Kecamatan.")


def _save_named(partner):
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError as error:
        if "partner_named_once" not in str(error):
            raise
        raise ValidationError(
            {"name": _("Mitra dengan nama ini sudah ada di kecamatan ini.")}
        ) from None


def _locked(partner, by, version):
    """The partner as it stands, open and its row locked; the rule is asked after the
    lock, so that it reads the offices of that moment."""
    Partner.objects.select_for_update(no_key=True).filter(pk=partner.pk).first()
    found = (
        Partner.objects.handled_by(by)
        .select_related("closed_by", "updated_by")
        .filter(pk=partner.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied(why_not_keep())
    if found.is_closed:
        raise Stale(
            by=found.closed_by.name,
            at=found.closed_at,
            message=_("%(by)s sudah menutupnya pada %(at)s.")
            % {"by": found.closed_by.name, "at": dates.format_when(found.closed_at)},
        )
    if found.version != version:
        raise Stale(by=found.updated_by.name, at=found.updated_at)
    return found


def _told(partner):
    return {name: getattr(partner, name) for name in TOLD}
