"""What the pages of accounts show, put together from their rows."""

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from projects.accounts.models import Account, Receipt, Release


def lines_left(request, receipts):
    """The lines of the RAB that were granted, with `spent` on `receipts` and `left`."""
    of_line = receipts.filter(line=OuterRef("pk")).order_by().values("line")
    spent = of_line.annotate(sum=Sum("amount")).values("sum")
    lines = request.lines.filter(approved__gt=0)
    lines = lines.annotate(spent=Coalesce(Subquery(spent), 0))
    return lines.annotate(left=F("approved") - F("spent")).order_by("group", "pk")


def realisation(request, receipts):
    """Granted against spent on `receipts`: the lines and their sums, in rupiah."""
    lines = list(lines_left(request, receipts))
    return {
        "lines": lines,
        "approved": sum(line.approved for line in lines),
        "spent": sum(line.spent for line in lines),
        "left": sum(line.left for line in lines),
    }


def account(account, user):
    """Its receipts, what other receipts look the same, and how far the money went."""
    request = account.release.tranche.request
    visible = Receipt.objects.visible_to(user)
    receipts = list(visible.filter(account=account).select_related("line", "file"))
    if account.can_read_proofs:
        _mark_twins(receipts, request)
    rows = realisation(request, visible)
    return {
        "funding": request,
        "receipts": receipts,
        "spent": sum(receipt.amount for receipt in receipts),
        "tax": sum(receipt.tax for receipt in receipts),
        "realisation": rows,
        "cash": request.released - rows["spent"],
        "history": _history(account),
    }


def _history(account):
    """Its moves, newest first; what a return says is for those inside."""
    moves = list(account.moves.order_by("-number"))
    for move in moves:
        is_note = move.to_status == Account.Status.RETURNED
        move.told = "" if is_note and not account.can_read_proofs else move.reason
    return moves


def _mark_twins(receipts, request):
    """Point out the same file, or number and payee, on another receipt of the desa."""
    village = request.project.lead_village_id
    same = Q(sha256__in=[receipt.sha256 for receipt in receipts if receipt.sha256])
    same |= Q(number__in=[receipt.number for receipt in receipts])
    others = Receipt.objects.filter(
        same, account__release__tranche__request__project__lead_village=village
    ).select_related("account__release__tranche__request")
    others = list(others)
    for receipt in receipts:
        receipt.twins = [
            (other, _("berkas yang sama") if is_file else _("nomor yang sama"))
            for other in others
            if other.pk != receipt.pk
            for is_file in [bool(receipt.sha256) and other.sha256 == receipt.sha256]
            if is_file
            or (other.number, other.payee.casefold())
            == (receipt.number, receipt.payee.casefold())
        ]


def cash_book(request, receipts, settlement=None):
    """Day by day: what came in, what went out, what is then in hand, in rupiah."""
    releases = Release.objects.filter(tranche__request=request)
    rows = [
        {
            "day": release.paid_on,
            "what": _("Termin %(number)s diterima")
            % {"number": release.tranche.number},
            "proof": release.reference,
            "income": release.tranche.amount,
            "outgo": 0,
        }
        for release in releases.select_related("tranche")
    ]
    receipts = receipts.filter(account__release__tranche__request=request)
    rows += [
        {
            "day": receipt.paid_on,
            "what": receipt.purpose,
            "proof": receipt.number,
            "income": 0,
            "outgo": receipt.amount,
        }
        for receipt in receipts
    ]
    if settlement and settlement.paid_back:
        rows.append(
            {
                "day": settlement.paid_on,
                "what": _("Sisa disetor kembali"),
                "proof": settlement.reference,
                "income": 0,
                "outgo": settlement.paid_back,
            }
        )
    rows.sort(key=lambda row: row["day"])  # what came in before what went out
    balance = 0
    for row in rows:
        balance += row["income"] - row["outgo"]
        row["balance"] = balance
    return {
        "rows": rows,
        "income": sum(row["income"] for row in rows),
        "outgo": sum(row["outgo"] for row in rows),
        "balance": balance,
    }
