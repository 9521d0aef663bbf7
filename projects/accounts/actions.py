"""What is done with money that was granted. All amounts are whole rupiah.

Every verb locks in one order: project, request, account, ceilings by id. It takes the
`step` that its page was made with (of the request, or of the account) and raises
Stale if that has moved on since; PermissionDenied says that `by` may not,
ValidationError what is wrong with the content.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from leksono_portal.kit import dates, files
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.money import format_rupiah
from projects.accounts import notify, papers
from projects.accounts.models import (
    Account,
    AccountMove,
    Cancellation,
    Leftover,
    Receipt,
    Release,
    Settlement,
)
from projects.funding.actions import MOVED_AS as REQUEST_MOVED_AS
from projects.funding.actions import (
    check_reason,
    lock_project,
    locked,
    move,
)
from projects.funding.models import FundingRequest
from projects.portfolio.actions import move_stage
from projects.portfolio.models import Photo, Project
from projects.sources.models import Allotment
from villages.people.models import Post, acting_office

Status = Account.Status
# The office in which each move of an account is made.
MOVED_AS = {
    Status.SENT: [Post.VILLAGE_HEAD],
    Status.RETURNED: [Post.VERIFIER],
    Status.ACCEPTED: [Post.VERIFIER],
}


# Money is paid out ------------------------------------------------------------


@transaction.atomic
def release(*, by, request_id, step, reference, paid_on):
    """Record that the next tranche was paid out; its account begins. For the district
    treasurer, who had no earlier part in the request, once the account of the tranche
    before was accepted.

    reference: the number of the transfer, which no other payment has; paid_on: not
    before the decision or the payment before, and not after today (WIB).
    """
    lock_project(request_id)
    request = locked("releasable_by", by, request_id, step=step)
    last = Release.objects.filter(tranche__request=request).last()
    _check_paid_on(
        paid_on, last.paid_on if last else dates.to_date(request.status_since)
    )
    tranche = request.tranches.filter(release=None).first()
    try:
        with transaction.atomic():
            paid = Release.objects.create(
                tranche=tranche, reference=reference, paid_on=paid_on, by=by
            )
    except IntegrityError:
        raise ValidationError(
            {"reference": _("Nomor bukti ini sudah dipakai pada pencairan lain.")}
        ) from None
    request.paid_by = by
    request.released += tranche.amount
    move(request, FundingRequest.Status.RUNNING, "paid_by", "released", by=by)
    account = Account.objects.create(
        release=paid, updated_by=by, status_since=dates.now()
    )
    _record(
        account, "", by, acting_office(by, _village(request), [Post.DISTRICT_TREASURER])
    )
    move_stage(request.project, Project.Stage.RUNNING, by=by, note=request.title)
    return request


def _check_paid_on(paid_on, earliest):
    if paid_on > dates.today():
        sentence = _("Tanggal cair tidak boleh setelah hari ini, %(day)s.")
        day = dates.today()
    elif paid_on < earliest:
        sentence = _("Tanggal cair tidak boleh sebelum %(day)s.")
        day = earliest
    else:
        return
    raise ValidationError({"paid_on": sentence % {"day": dates.format_date(day)}})


@transaction.atomic
def hold(*, by, request_id, step, reason):
    """Stop paying out, and stop its accounts, with a public reason. For the camat."""
    request = locked("holdable_by", by, request_id, step=step)
    check_reason(reason, _("Tulis alasan penahanan; desa dan warga membacanya."))
    move(request, FundingRequest.Status.HELD, by=by, reason=reason)
    return request


@transaction.atomic
def resume(*, by, request_id, step, reason):
    """Let a held request go on, with a public reason. For the camat."""
    request = locked("resumable_by", by, request_id, step=step)
    check_reason(reason, _("Tulis mengapa dana boleh berjalan lagi; warga membacanya."))
    move(
        request, FundingRequest.Status.RUNNING, by=by, reason=reason, posts=[Post.CAMAT]
    )
    return request


# The village accounts for it --------------------------------------------------


@transaction.atomic
def add_receipt(*, by, account_id, step, line, upload=None, **fields):
    """Add a proof of spending while the account is with the village; returns it.

    For operator, secretary, head and treasurer of the lead village. line: a line of
    the RAB that was granted; fields: number, paid_on, payee, purpose, amount, tax.
    """
    account = _locked("writable_by", by, account_id, step)
    receipt = Receipt(account=account, by=by)
    return _write(receipt, account, by, line, upload, fields)


@transaction.atomic
def save_receipt(*, by, account_id, receipt_id, step, line, upload=None, **fields):
    """Change a proof of spending; as `add_receipt`. Its scan stays without another."""
    account = _locked("writable_by", by, account_id, step)
    return _write(_receipt(account, receipt_id), account, by, line, upload, fields)


@transaction.atomic
def remove_receipt(*, by, account_id, receipt_id, step):
    """Take a proof of spending out; as `add_receipt`."""
    account = _locked("writable_by", by, account_id, step)
    _receipt(account, receipt_id).delete()
    _add_up(account, by)


def _receipt(account, receipt_id):
    receipt = account.receipts.filter(pk=receipt_id).first()
    if receipt is None:
        raise PermissionDenied(_("Bukti ini sudah dihapus dari laporan."))
    return receipt


def _write(receipt, account, by, line, upload, fields):
    for name, value in fields.items():
        setattr(receipt, name, value)
    receipt.line = line
    _check_amount(receipt)
    _check_day(receipt, account)
    _check_line(receipt, account)
    if upload:
        upload = files.inspect(upload, takes_pdf=True)
        receipt.file, receipt.sha256 = files.store(upload), upload.sha256
    receipt.save()
    _add_up(account, by)
    return receipt


def _check_amount(receipt):
    if receipt.amount <= 0:
        raise ValidationError({"amount": _("Jumlahnya lebih dari nol.")})
    if receipt.tax > receipt.amount:
        raise ValidationError({"tax": _("Pajak tidak lebih besar dari jumlahnya.")})


def _check_day(receipt, account):
    """Nothing is paid before the money came, nor after today (WIB)."""
    first = account.release.paid_on
    if not first <= receipt.paid_on <= dates.today():
        raise ValidationError(
            {
                "paid_on": _("Tanggal bukti antara %(first)s (cair) dan hari ini.")
                % {"first": dates.format_date(first)}
            }
        )


def _check_line(receipt, account):
    """No line is overspent, nor more than has been paid out so far."""
    request = account.release.tranche.request
    line = receipt.line
    if line.request_id != request.pk or not line.approved:
        raise ValidationError({"line": _("Baris RAB ini tidak disetujui.")})
    others = Receipt.objects.filter(account__release__tranche__request=request)
    others = others.exclude(pk=receipt.pk)
    left = line.approved - _sum(others.filter(line=line))
    if receipt.amount > left:
        raise ValidationError(
            {
                "amount": _(
                    "Sisa baris %(line)s %(left)s dari %(approved)s yang disetujui."
                )
                % {
                    "line": line,
                    "left": format_rupiah(left),
                    "approved": format_rupiah(line.approved),
                }
            }
        )
    left = request.released - _sum(others)
    if receipt.amount > left:
        raise ValidationError(
            {
                "amount": _("Dari dana yang sudah cair tinggal %(left)s.")
                % {"left": format_rupiah(left)}
            }
        )


def _sum(receipts):
    return receipts.aggregate(sum=Sum("amount", default=0))["sum"]


def _add_up(account, by):
    account.spent = _sum(account.receipts)
    account.updated_by = by
    account.save(update_fields=["spent", "updated_by", "updated_at"])


@transaction.atomic
def send(*, by, account_id, step, story):
    """Send the account to the district. For the head of the lead village."""
    account = _locked("sendable_by", by, account_id, step)
    if not story.strip():
        raise ValidationError(
            {"story": _("Tulis apa yang dikerjakan dengan dana ini.")}
        )
    account.story = story
    _move(account, Status.SENT, "story", by=by)
    return account


@transaction.atomic
def send_back(*, by, account_id, step, reason):
    """Return the account to the village with notes. For a verifier of the district."""
    account = _locked("returnable_by", by, account_id, step)
    check_reason(reason, _("Tulis apa yang perlu diperbaiki desa."))
    _move(account, Status.RETURNED, by=by, reason=reason)
    return account


@transaction.atomic
def accept(*, by, account_id, step, reason=""):
    """Accept the account; the next tranche may be paid out. For a verifier who neither
    paid this one out nor decided on the request.
    """
    account = _locked("acceptable_by", by, account_id, step)
    request = account.release.tranche.request
    request.accounted += account.spent
    request.save(update_fields=["accounted"])
    _move(account, Status.ACCEPTED, by=by, reason=reason)
    return account


# The end ----------------------------------------------------------------------


@transaction.atomic
def complete(*, by, request_id, step, reference="", paid_on=None, reason=""):
    """Close a request whose every tranche is accounted for. For a verifier without a
    part in the money (row 12).

    What was paid out and not spent must have come back: reference and paid_on of that
    transfer. What is left over returns to its ceilings.
    """
    request = locked("completable_by", by, request_id, step=step)
    photos = Photo.objects.shown().filter(project=request.project_id)
    if not photos.filter(moment=Photo.Moment.DONE).exists():
        raise ValidationError(
            _("Belum ada foto 100% (setelah selesai) pada proyek ini.")
        )
    status = FundingRequest.Status.COMPLETED
    return _end(request, status, by, reference, paid_on, reason)


@transaction.atomic
def ask_to_cancel(*, by, request_id, step, reason, reference="", paid_on=None):
    """Ask the district's secretary to sign that a grant is taken back, with a reason
    that will be public. For the camat, once all that was paid out is accounted for
    (row 13). reference, paid_on: as `complete`.
    """
    request = locked("cancellable_by", by, request_id, step=step)
    check_reason(reason, _("Tulis alasan pembatalan; desa dan warga membacanya."))
    reference, paid_on = _paid_back(request, reference, paid_on)
    try:
        with transaction.atomic():
            asked = Cancellation.objects.create(
                request=request,
                step=request.step,
                reason=reason,
                reference=reference,
                paid_on=paid_on,
                proposed_by=by,
            )
    except IntegrityError:
        raise PermissionDenied(_("Pembatalan ini sudah diajukan.")) from None
    notify.to_be_cancelled(asked, by)
    return asked


@transaction.atomic
def decide_cancellation(*, by, cancellation_id, is_signed, note=""):
    """Sign that a grant is taken back, or say in `note` why not. For the district's
    secretary, who did not ask for it. What was not spent returns to its ceilings.
    """
    rows = Cancellation.objects.filter(pk=cancellation_id)
    request = (
        FundingRequest.objects.select_for_update(of=("self",))
        .filter(cancellations=cancellation_id)
        .select_related("project__lead_village")
        .first()
    )
    asked = rows.decidable_by(by).first()
    if asked is None:
        raise PermissionDenied(
            _("Pembatalan ini sudah diputuskan, atau bukan wewenang Anda.")
        )
    if not is_signed:
        check_reason(note, _("Tulis mengapa tidak Anda tandatangani."), field="note")
    asked.is_signed, asked.note = is_signed, None if is_signed else note
    asked.decided_by, asked.decided_at = by, dates.now()
    asked.save(update_fields=["is_signed", "note", "decided_by", "decided_at"])
    if not is_signed:
        notify.not_cancelled(asked, by)
        return asked
    if request.step != asked.step:
        raise ValidationError(
            _(
                "Permohonan ini sudah berubah sejak pembatalannya diajukan. Tolak yang "
                "ini; Camat dapat mengajukannya lagi."
            )
        )
    status = FundingRequest.Status.CANCELLED
    _end(request, status, by, asked.reference, asked.paid_on, asked.reason)
    return asked


def _paid_back(request, reference, paid_on):
    """The proof that what was not spent came back; none where all was spent."""
    amount = request.released - request.accounted
    if not amount:
        return "", None
    _check_paid_back(amount, reference, paid_on)
    return reference, paid_on


def _end(request, status, by, reference, paid_on, reason):
    """Write the account, give back to the ceilings what was not spent, and move on."""
    reference, paid_on = _paid_back(request, reference, paid_on)
    settlement = Settlement(
        request=request,
        spent=request.accounted,
        paid_back=request.released - request.accounted,
        reference=reference,
        paid_on=paid_on,
        by=by,
    )
    if request.released:
        office = acting_office(by, _village(request), REQUEST_MOVED_AS[status])
        settlement.paper = papers.write_account(settlement, office)
    try:
        with transaction.atomic():
            settlement.save()
    except IntegrityError:
        raise ValidationError(
            {"reference": _("Nomor bukti setor ini sudah dipakai permohonan lain.")}
        ) from None
    spent = dict(
        request.lines.filter(receipts__isnull=False)
        .values_list("allotment")
        .annotate(Sum("receipts__amount"))
    )
    ceilings = (
        Allotment.objects.filter(reservations__request=request)
        .select_for_update(of=("self",))
        .order_by("pk")
        .in_bulk()
    )
    for reservation in request.reservations.order_by("allotment"):
        amount = reservation.amount - spent.get(reservation.allotment_id, 0)
        if amount:
            Leftover.objects.create(reservation=reservation, amount=amount)
            ceiling = ceilings[reservation.allotment_id]
            ceiling.reserved -= amount
            ceiling.save(update_fields=["reserved"])
    move(request, status, by=by, reason=reason)
    return request


def _check_paid_back(amount, reference, paid_on):
    if not reference:
        raise ValidationError(
            {
                "reference": _(
                    "Sisa %(amount)s disetor kembali: isi nomor bukti setor."
                )
                % {"amount": format_rupiah(amount)}
            }
        )
    if paid_on is None or paid_on > dates.today():
        raise ValidationError(
            {"paid_on": _("Isi tanggal setor, paling lambat hari ini.")}
        )


# What all verbs do ------------------------------------------------------------


def _locked(rule, by, account_id, step=None):
    """The account, its request locked before it; asked again under both locks."""
    rows = Account.objects.filter(pk=account_id)
    FundingRequest.objects.select_for_update(of=("self",)).filter(
        tranches__release__account=account_id
    ).first()
    rows.select_for_update(of=("self",)).first()
    account = (
        getattr(rows, rule)(by)
        .select_related(
            "release__tranche__request__project__lead_village", "updated_by"
        )
        .first()
    )
    now = account or rows.select_related("updated_by").first()
    if now and step not in (None, now.step):
        raise Stale(by=now.updated_by.name, at=now.updated_at)
    if account is None:
        raise PermissionDenied(
            _("Laporan ini sudah diproses, atau bukan wewenang Anda.")
        )
    return account


def _move(account, status, *fields, by, reason=""):
    """Move the account on, with its row of history. `fields`: what else was set."""
    request = account.release.tranche.request
    office = acting_office(by, _village(request), MOVED_AS[status])
    before, account.status = account.status, status
    account.status_since = dates.now()
    account.step += 1
    account.updated_by = by
    account.save(
        update_fields=[
            "status",
            "status_since",
            "step",
            "updated_by",
            "updated_at",
            *fields,
        ]
    )
    _record(account, before, by, office, reason)
    notify.moved(account, by)


def _record(account, before, by, office, reason=""):
    AccountMove.objects.create(
        account=account,
        number=account.step,
        from_status=before,
        to_status=account.status,
        by=by,
        office=office.title,
        reason=reason,
        at=account.status_since,
    )


def _village(request):
    return request.project.lead_village
