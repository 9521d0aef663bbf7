"""What the pages of a request show, put together from its rows."""

from itertools import groupby

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leksono_portal.kit import dates, share
from leksono_portal.kit.money import format_rupiah
from projects.funding.models import BudgetLine, FundingRequest, public_status
from projects.portfolio import story

Status = FundingRequest.Status
GROUPS = {
    value: format_lazy("{}. {}", numeral, label)
    for numeral, (value, label) in zip(
        ("I", "II", "III", "IV"), BudgetLine.Group.choices, strict=True
    )
}
# How the history tells a move to those inside; the public reads `public_status`.
MOVES = {
    Status.RETURNED: gettext_lazy("Dikembalikan untuk diperbaiki"),
    Status.VERIFIED: gettext_lazy("Diverifikasi, layak"),
    Status.APPROVED: gettext_lazy("Disetujui Camat"),
    Status.HELD: gettext_lazy("Ditahan Camat"),
    Status.COMPLETED: gettext_lazy("Selesai, dipertanggungjawabkan"),
    Status.CANCELLED: gettext_lazy("Dibatalkan Camat, ditandatangani Sekretaris"),
}


def share_address(request):
    """A WhatsApp link with what everyone may read of a request; None of a draft."""
    if not request.revision:
        return None
    amounts = [
        (_("Diminta"), request.requested),
        (_("Disetujui"), request.approved),
        (_("Cair"), request.released),
        (_("Dipertanggungjawabkan"), request.accounted),
    ]
    lines = [
        request.project.lead_village.full_name,
        _("Keadaan: %(state)s") % {"state": request.public_status},
        *(f"{label}: {format_rupiah(amount)}" for label, amount in amounts if amount),
    ]
    title = _("Permohonan dana %(number)s: %(title)s") % {
        "number": request.number,
        "title": request.title,
    }
    return share.whatsapp(title, lines, request.get_absolute_url())


def bars(totals):
    """Asked, approved, released and accounted for, as `moneybars` shows them.

    totals: {status: (how many, asked, approved, released, accounted)} in rupiah.
    """
    counted = [
        counts
        for status, counts in totals.items()
        if status not in (Status.DRAFT, Status.WITHDRAWN)
    ]
    if not counted:
        return []
    number, asked, approved, released, accounted = (
        int(sum(part)) for part in zip(*counted, strict=True)
    )
    return [
        {
            "label": _("Diminta"),
            "note": _("%(number)s permohonan") % {"number": number},
            "amount": asked,
            "of": asked,
        },
        {
            "label": _("Disetujui"),
            "note": _("terikat pada pagu"),
            "amount": approved,
            "of": asked,
        },
        {
            "label": _("Cair"),
            "note": _("sudah ditransfer"),
            "amount": released,
            "of": asked,
            "waiting": approved - released,
        },
        {
            "label": _("Dilaporkan"),
            "note": _("dipertanggungjawabkan"),
            "amount": accounted,
            "of": asked,
            "waiting": released - accounted,
        },
    ]


def groups(lines):
    """[(label, lines, subtotal)] of the lines that ask for money, in rupiah."""
    return _grouped(line for line in lines if line.allotment_id)


def own_share(lines):
    """(lines without a ceiling, their sum): what the villages bring themselves."""
    own = [line for line in lines if not line.allotment_id]
    return own, sum(line.amount for line in own)


def _grouped(lines):
    rows, number = [], 0
    for group, same in groupby(lines, lambda line: line.group):
        same = list(same)
        for line in same:
            number += 1
            line.number = number
        rows.append((GROUPS[group], same, sum(line.amount for line in same)))
    return rows


def ceilings(lines, amounts=None):
    """[(allotment, what these lines take of it, what is left then)], in rupiah.

    amounts: {line id: rupiah}; without it all that is asked.
    """
    taken = {}
    for line in lines:
        if line.allotment_id:
            amount = line.amount if amounts is None else amounts[line.pk]
            ceiling, before = taken.get(line.allotment_id, (line.allotment, 0))
            taken[line.allotment_id] = (ceiling, before + amount)
    return [
        (ceiling, amount, ceiling.free - amount)
        for _pk, (ceiling, amount) in sorted(taken.items())
    ]


def sources(lines):
    """[{ceiling, asked, granted}] for each ceiling that these lines draw from."""
    rows = {}
    for line in lines:
        if line.allotment_id:
            row = rows.setdefault(
                line.allotment_id,
                {"ceiling": line.allotment, "asked": 0, "granted": 0},
            )
            row["asked"] += line.amount
            row["granted"] += line.approved or 0
    return list(rows.values())


def told(request, transitions):
    """The words of the last return or of the decision, if the reader may read them."""
    said = (
        Status.RETURNED,
        Status.REJECTED,
        Status.APPROVED,
        Status.HELD,
        Status.CANCELLED,
    )
    moves = [move for move in transitions if move.to_status in said]
    if not moves or (request.status in (Status.SUBMITTED, Status.VERIFIED)):
        return None
    if moves[-1].to_status == Status.HELD != request.status:
        return None  # it goes on again
    last = moves[-1]
    reason = _reason(last, request.can_read_notes)
    return last if reason else None


def chain(request, links):
    """Meeting, decision, project, this request: how one came of the other."""
    items = story.chain(links, [])[:-1]
    return [
        *items,
        ("proyek", request.project.title, request.project.get_absolute_url()),
        ("dana", _("Permohonan %(number)s") % {"number": request.number}, None),
    ]


def history(request, transitions):
    """Each state it was in, newest first, with its days on a common scale.

    A stranger reads the public words, and not what a return says.
    """
    today = dates.today()
    paid = 0
    for move in transitions:
        if move.to_status == Status.RUNNING and move.from_status != Status.HELD:
            paid += 1
            move.tranche = paid
    first = dates.to_date(transitions[0].at)
    whole = max((today - first).days, 1)
    rows = []
    until = None
    for move in reversed(transitions):
        since = dates.to_date(move.at)
        is_now = until is None
        goes_on = is_now and bool(request.waits_for)
        end = (today if goes_on else since) if is_now else until
        rows.append(
            {
                "label": _label(move, request.can_read_notes),
                "turn": request.waits_for if goes_on else "",
                "since": since,
                "until": None if is_now else until,
                "office": move.office,
                "reason": _reason(move, request.can_read_notes),
                "start": (since - first).days,
                "days": (end - since).days,
                "waits": goes_on,
            }
        )
        until = since
    return {"rows": rows, "whole": whole, "days": (today - first).days}


def _label(move, is_inside):
    if move.to_status == Status.SUBMITTED:
        word = public_status(move.to_status) if not is_inside else _("Diajukan")
        if move.revision > 1:
            return _("%(word)s kembali, revisi %(number)s") % {
                "word": word,
                "number": move.revision,
            }
        return word
    if move.to_status == Status.RUNNING:
        if move.from_status == Status.HELD:
            return _("Dilanjutkan")
        return _("Termin %(number)s cair") % {"number": move.tranche}
    if not is_inside or move.to_status not in MOVES:
        return public_status(move.to_status)
    return MOVES[move.to_status]


def _reason(move, is_inside):
    return "" if move.to_status == Status.RETURNED and not is_inside else move.reason
