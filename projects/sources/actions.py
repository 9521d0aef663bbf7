"""Ceilings: proposed by the district treasurer, confirmed by the camat."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import format_rupiah
from projects.sources.models import Allotment, proposed_at


@transaction.atomic
def propose_allotment(*, by, source, year, ceiling, district=None, village=None):
    """Propose a ceiling (whole rupiah) for `district` or for one desa of it.

    For the district treasurer. Whoever proposed it may propose it anew, with another
    amount, until the camat has confirmed it. Raises PermissionDenied or
    ValidationError.
    """
    owner_district = village.district_id if village else district.pk
    if not proposed_at(by).filter(district=owner_district):
        raise PermissionDenied(_("Pagu diusulkan oleh Bendahara Kecamatan."))
    if village and not village.is_desa:
        raise ValidationError(
            {"village": _("Kelurahan tidak mempunyai anggaran sendiri; pilih desa.")}
        )
    allotment, is_new = Allotment.objects.select_for_update().get_or_create(
        source=source,
        year=year,
        district=None if village else district,
        village=village,
        defaults={"ceiling": ceiling, "proposed_by": by},
    )
    old = None if is_new else {"ceiling": allotment.ceiling}
    if not is_new:
        _correct(allotment, ceiling, by)
    audit.record(
        "usul pagu", target=allotment, by=by, old=old, new={"ceiling": ceiling}
    )
    return allotment


def _correct(allotment, ceiling, by):
    if allotment.confirmed_by_id or allotment.proposed_by_id != by.pk:
        raise ValidationError(
            {
                "ceiling": _("%(allotment)s sudah ada, %(ceiling)s.")
                % {
                    "allotment": allotment,
                    "ceiling": format_rupiah(allotment.ceiling),
                }
            }
        )
    allotment.ceiling = ceiling
    allotment.save(update_fields=["ceiling"])


@transaction.atomic
def confirm_allotment(*, by, allotment_id, ceiling):
    """Confirm a proposed ceiling, so that requests may draw from it. For the camat.

    ceiling: the amount the page showed. Raises Stale if it is another by now,
    PermissionDenied if `by` may not or someone has confirmed it already.
    """
    allotment = (
        Allotment.objects.confirmable_by(by)
        .select_for_update(of=("self",))
        .filter(pk=allotment_id)
        .first()
    )
    if allotment is None:
        raise PermissionDenied(_("Pagu ini sudah ditetapkan atau bukan wewenang Anda."))
    if allotment.ceiling != ceiling:
        raise Stale(by=allotment.proposed_by.name, at=dates.now())
    allotment.confirmed_by = by
    allotment.confirmed_at = dates.now()
    allotment.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record("tetapkan pagu", target=allotment, by=by, new={"ceiling": ceiling})
    return allotment
