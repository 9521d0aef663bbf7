"""What partners promise a project, and what comes of it. Amounts in whole rupiah.

None of it is drawn from a ceiling. Every verb locks the project's row, then the
pledge's; it takes the `version` that its page was made with and raises Stale if the
pledge has changed since. PermissionDenied says that `by` may not, ValidationError what
is wrong with the content.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import format_decimal, format_rupiah
from projects.pledges import notify, papers
from projects.pledges.models import (
    DISTRICT,
    HEADS,
    TELLERS,
    Pledge,
    PledgeMove,
    PledgeReceipt,
)
from projects.portfolio.actions import add_photo
from projects.portfolio.models import Project
from villages.partners.models import Partner
from villages.people.models import VILLAGE_STAFF, Post, acting_office

Kind, Status = Pledge.Kind, Pledge.Status


@transaction.atomic
def record(*, by, project, partner, kind, what, **fields):
    """Write down what `partner` offers `project`; returns the pledge.

    For the camat and secretary of the district, and the staff of the lead village.
    fields: amount (rupiah, of funds), estimate (rupiah, of goods or training),
    quantity and unit (of goods), letter_number and letter_date of the partner's paper.
    """
    Project.objects.select_for_update().filter(pk=project.pk).first()
    found = Project.objects.pledgeable_by(by).filter(pk=project.pk).first()
    if found is None:
        raise PermissionDenied(why_not_record())
    district = found.lead_village.district_id
    # Held until the end, so that nobody closes it meanwhile.
    open_partners = Partner.objects.select_for_update(no_key=True).open()
    if not open_partners.filter(pk=partner.pk, district=district).first():
        raise ValidationError({"partner": _("Mitra ini sudah ditutup.")})
    pledge = Pledge.objects.create(
        project=found,
        partner=partner,
        kind=kind,
        what=what,
        recorded_by=by,
        updated_by=by,
        status_since=dates.now(),
        **fields,
    )
    _write_move(pledge, "", by, [*DISTRICT, *VILLAGE_STAFF])
    notify.recorded(pledge, by)
    return pledge


def why_not_record():
    """The sentence for someone who may not record a pledge."""
    return _(
        "Janji mitra dicatat perangkat desa utama, Camat, atau Sekretaris Kecamatan, "
        "selama proyek belum selesai."
    )


@transaction.atomic
def agree(*, by, pledge_id, version):
    """Take an offer. For the head of the lead village (the lurah of the kelurahan), not
    of what they recorded themselves while others there could have."""
    pledge = _locked("decidable_by", by, pledge_id, version)
    _move(pledge, Status.AGREED, by, HEADS)
    notify.agreed(pledge, by)
    return pledge


@transaction.atomic
def decline(*, by, pledge_id, version, reason):
    """Say no to an offer, with a public reason; for those who may agree."""
    pledge = _locked("decidable_by", by, pledge_id, version)
    _move(pledge, Status.DECLINED, by, HEADS, reason)
    notify.declined(pledge, by)
    return pledge


@transaction.atomic
def withdraw(*, by, pledge_id, version, reason):
    """Write down that the partner takes its word back, before anything came.

    For those who may record what a partner says.
    """
    pledge = _locked("withdrawable_by", by, pledge_id, version)
    _move(pledge, Status.WITHDRAWN, by, [*DISTRICT, *VILLAGE_STAFF], reason)
    return pledge


@transaction.atomic
def receive(
    *,
    by,
    pledge_id,
    version,
    received_on,
    reference,
    amount=None,
    quantity=None,
    upload=None,
    alt="",
):
    """Write down what came, all or a part; returns the receipt.

    For operator, secretary or head of the lead village. received_on: not before the
    pledge was agreed, not after today (WIB). amount: rupiah, of funds; quantity: of
    goods that are counted; never more than what is still to come. What is not counted
    comes at once. upload, alt: a photo and what is to be seen on it.
    """
    pledge = _locked("receivable_by", by, pledge_id, version)
    _check_day(pledge, received_on)
    _check_rest(pledge, amount, quantity)
    if pledge.receipts.filter(reference=reference).exists():
        raise ValidationError(
            {"reference": _("Nomor ini sudah dipakai pada penerimaan lain janji ini.")}
        )
    photo = None
    if upload:
        photo, _is_new = add_photo(
            pledge.project, by=by, upload=upload, alt=alt, taken_on=received_on
        )
    pledge.receipt_count += 1
    pledge.received += amount or 0
    pledge.received_quantity += quantity or 0
    receipt = PledgeReceipt.objects.create(
        pledge=pledge,
        number=pledge.receipt_count,
        received_on=received_on,
        amount=amount,
        quantity=quantity,
        reference=reference,
        photo=photo,
        by=by,
        office=_office(pledge, by, VILLAGE_STAFF).title,
    )
    counted = ["receipt_count", "received", "received_quantity"]
    _touch(pledge, by, *counted)
    if pledge.is_whole:
        _move(pledge, Status.RECEIVED, by, VILLAGE_STAFF)
    return receipt


def _check_day(pledge, day):
    if day > dates.today():
        sentence, limit = _("Tanggal ini belum tiba; hari ini %(day)s."), dates.today()
    elif day < pledge.agreed_on:
        sentence = _("Janji ini baru disepakati %(day)s.")
        limit = pledge.agreed_on
    else:
        return
    raise ValidationError({"received_on": sentence % {"day": dates.format_date(limit)}})


def _check_rest(pledge, amount, quantity):
    """Exactly the measure of the pledge, and no more than is still to come."""
    if (amount is not None) != pledge.is_funds:
        raise ValidationError(_("Isi jumlah yang diterima menurut bentuk janjinya."))
    if (quantity is not None) != (pledge.quantity is not None):
        raise ValidationError(_("Isi banyaknya menurut satuan janjinya."))
    name, came = ("amount", amount) if pledge.is_funds else ("quantity", quantity)
    if came is not None and not 0 < came <= pledge.rest:
        raise ValidationError(
            {
                name: _("Yang masih ditunggu %(rest)s.")
                % {
                    "rest": format_rupiah(pledge.rest)
                    if pledge.is_funds
                    else f"{format_decimal(pledge.rest)} {pledge.unit}"
                }
            }
        )


@transaction.atomic
def close(*, by, pledge_id, version, reason):
    """Give up waiting for the rest, with a public reason, once a part has come.

    For those who may receive it.
    """
    pledge = _locked("closable_by", by, pledge_id, version)
    _move(pledge, Status.RECEIVED, by, VILLAGE_STAFF, reason)
    return pledge


@transaction.atomic
def use(*, by, pledge_id, version, outcome, report=None, photo=None):
    """Tell what became of what was received. For operator or head of the lead village.

    outcome: 20 to 2000 characters. report, photo: of the same project, if any.
    """
    pledge = _locked("usable_by", by, pledge_id, version)
    for thing in (report, photo):
        if thing and thing.project_id != pledge.project_id:
            raise ValidationError(_("Laporan dan foto diambil dari proyek ini."))
    pledge.outcome, pledge.outcome_report = outcome, report
    pledge.outcome_photo = photo
    told = ["outcome", "outcome_report", "outcome_photo"]
    _move(pledge, Status.USED, by, TELLERS, "", *told)
    return pledge


@transaction.atomic
def thank(*, by, pledge_id, version, number):
    """Write the letter of thanks, once; returns it. For the camat of the district or
    the head of the lead village, once something was received.

    number: of the letter, as the office that signs it keeps them.
    """
    pledge = _locked("thankable_by", by, pledge_id, version)
    office = _office(pledge, by, [Post.CAMAT, *HEADS])
    letter = papers.write_letter(pledge, number, office, by)
    _touch(pledge, by)
    return letter


# What all verbs do ------------------------------------------------------------


def _locked(rule, by, pledge_id, version):
    """The pledge, its row locked, as the page showed it; the rule is asked after the
    lock, so that it reads the offices of that moment."""
    Project.objects.select_for_update().filter(pledges=pledge_id).first()
    now = (
        Pledge.objects.select_related("project__lead_village", "updated_by")
        .select_for_update(of=("self",))
        .filter(pk=pledge_id)
        .first()
    )
    if now and now.version != version:
        raise Stale(by=now.updated_by.name, at=now.updated_at)
    if not now or not getattr(Pledge.objects, rule)(by).filter(pk=pledge_id).exists():
        raise PermissionDenied(
            _("Janji ini sudah berubah keadaan, atau bukan wewenang Anda.")
        )
    return now


def _touch(pledge, by, *fields):
    pledge.version += 1
    pledge.updated_by = by
    pledge.save(update_fields=[*fields, "version", "updated_by", "updated_at"])


def _move(pledge, status, by, posts, reason="", *fields):
    """Move the pledge on, with its row of history. `fields`: what else was set."""
    before, pledge.status = pledge.status, status
    pledge.status_since = dates.now()
    pledge.step += 1
    _touch(pledge, by, "status", "status_since", "step", *fields)
    _write_move(pledge, before, by, posts, reason)


def _write_move(pledge, before, by, posts, reason=""):
    PledgeMove.objects.create(
        pledge=pledge,
        number=pledge.step,
        from_status=before,
        to_status=pledge.status,
        by=by,
        office=_office(pledge, by, posts).title,
        reason=reason,
        at=pledge.status_since,
    )


def _office(pledge, by, posts):
    """The office, of `posts`, in which `by` acts."""
    return acting_office(by, pledge.project.lead_village, posts)
