"""Ceilings and changes of them: the treasurer proposes, the camat decides."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import audit, dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import format_rupiah
from projects.sources import notify
from projects.sources.models import Allotment, CeilingChange, proposed_at


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


@transaction.atomic
def propose_change(*, by, allotment_id, amount, reason, ceiling):
    """Propose another amount (whole rupiah) for a confirmed ceiling, with its reason,
    which everyone may read once it is decided. For the district treasurer.

    ceiling: the amount the page showed. Raises Stale if it is another by now,
    PermissionDenied, or ValidationError: nothing would change, more is bound already,
    or another change waits for the camat.
    """
    allotment = _locked(Allotment.objects.changeable_by(by), pk=allotment_id)
    if allotment is None:
        raise PermissionDenied(
            _("Perubahan pagu yang sudah ditetapkan diusulkan Bendahara Kecamatan.")
        )
    if allotment.ceiling != ceiling:
        raise _moved(allotment)
    waiting = allotment.changes.filter(decided_at=None).first()
    if waiting:
        raise ValidationError(
            _("Usulan %(amount)s masih menunggu keputusan Camat.")
            % {"amount": format_rupiah(waiting.amount)}
        )
    if amount == ceiling:
        raise ValidationError(
            {
                "amount": _("Pagunya sudah %(ceiling)s.")
                % {"ceiling": format_rupiah(ceiling)}
            }
        )
    _check_bound(allotment, amount, "amount")
    change = CeilingChange.objects.create(
        allotment=allotment, amount=amount, reason=reason, proposed_by=by
    )
    _record("usul ubah pagu", change, by, ceiling, reason=reason)
    return change


@transaction.atomic
def decide_change(*, by, change_id, accept, note=""):
    """Let the ceiling follow a proposed change, or decline it. For the camat.

    note: why it is declined, for everyone to read. Raises PermissionDenied if `by` may
    not or someone has decided it already; ValidationError for a missing note, and
    where more is bound on the ceiling by now than the change would leave.
    """
    # The ceiling first, as an approval does, so that what is bound stays what it is.
    allotment = _locked(Allotment.objects, changes=change_id)
    change = _locked(CeilingChange.objects.decidable_by(by), pk=change_id)
    if change is None:
        raise PermissionDenied(
            _("Perubahan ini sudah diputuskan atau bukan wewenang Anda.")
        )
    if accept:
        _check_bound(allotment, change.amount)
    elif not note:
        raise ValidationError({"note": _("Tulis alasannya.")})
    old = allotment.ceiling
    change.decided_by, change.decided_at, change.is_accepted = by, dates.now(), accept
    change.before = old if accept else None
    change.note = "" if accept else note
    change.save(
        update_fields=["decided_by", "decided_at", "is_accepted", "before", "note"]
    )
    if accept:
        allotment.ceiling = change.amount
        allotment.save(update_fields=["ceiling"])
    verb = "ubah pagu" if accept else "tolak ubah pagu"
    _record(verb, change, by, old, **({} if accept else {"note": note}))
    notify.decided(change, by)
    return change


def _locked(rows, **which):
    return rows.select_for_update(of=("self",)).filter(**which).first()


def _moved(allotment):
    """Who made the ceiling what it is."""
    last = allotment.changes.filter(is_accepted=True).first()
    if last is None:
        return Stale(by=allotment.confirmed_by.name, at=allotment.confirmed_at)
    return Stale(by=last.decided_by.name, at=last.decided_at)


def _check_bound(allotment, amount, field=None):
    if amount >= allotment.reserved:
        return
    sentence = _(
        "Pagu %(ceiling)s tidak dapat menjadi %(amount)s: %(reserved)s sudah terikat."
    ) % {
        "ceiling": format_rupiah(allotment.ceiling),
        "amount": format_rupiah(amount),
        "reserved": format_rupiah(allotment.reserved),
    }
    raise ValidationError({field: sentence} if field else sentence)


def _record(verb, change, by, old, **more):
    audit.record(
        verb,
        target=change.allotment,
        by=by,
        old={"ceiling": old},
        new={"ceiling": change.amount} | more,
        address=change.get_absolute_url(),
    )
