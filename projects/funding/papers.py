"""The camat's letter about a request: granted whole or in part, or refused."""

from itertools import groupby

from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.money import format_decimal, format_number, format_rupiah
from leksono_portal.kit.words import terbilang
from projects.funding.display import GROUPS
from projects.funding.models import DecisionLetter, FundingRequest

APPROVAL_KIND = "surat_persetujuan"
APPROVAL_TEMPLATE = "projects/funding/surat_persetujuan.typ"
REJECTION_KIND = "surat_penolakan"
REJECTION_TEMPLATE = "projects/funding/surat_penolakan.typ"


def write_letter(request, number):
    """Freeze the letter of a decision just made, within its transaction."""
    if request.status == FundingRequest.Status.APPROVED:
        kind, template, content = APPROVAL_KIND, APPROVAL_TEMPLATE, approval
    else:
        kind, template, content = REJECTION_KIND, REJECTION_TEMPLATE, rejection
    with in_indonesian():
        paper = kit_papers.store(
            kind, content(request, number), request.status_since, template=template
        )
    return DecisionLetter.objects.create(request=request, number=number, paper=paper)


def approval(request, number):
    """What the letter that grants a request prints, as JSON of text.

    After the recommendation of a camat: the papers were found complete and fit, the
    amount in figures and in words, by line, source and tranche.
    """
    lines = list(
        request.lines.filter(allotment__isnull=False).select_related(
            "allotment__source"
        )
    )
    return _letter(request, number) | {
        "title": _("Persetujuan dana: %(title)s") % {"title": request.title},
        "is_whole": request.approved == request.requested,
        "approved": format_rupiah(request.approved),
        "in_words": _in_words(request.approved),
        "groups": [
            {"label": str(GROUPS[group]), "lines": _lines(same)}
            for group, same in groupby(lines, lambda line: line.group)
        ],
        "asked_sum": format_number(request.requested),
        "approved_sum": format_number(request.approved),
        "sources": _sources(lines),
        "tranches": [
            {
                "number": tranche.number,
                "amount": format_rupiah(tranche.amount),
                "in_words": _in_words(tranche.amount),
            }
            for tranche in request.tranches.all()
        ],
    }


def rejection(request, number):
    """What the letter that refuses a request prints; its reason is `message`."""
    return _letter(request, number) | {
        "title": _("Penolakan dana: %(title)s") % {"title": request.title},
        "in_words": _in_words(request.requested),
    }


def _letter(request, number):
    """What both letters say: from whom, to whom, about which request, by whom."""
    project = request.project
    village, district = project.lead_village, project.lead_village.district
    moves = {move.to_status: move for move in request.transitions.all()}
    decided = moves[request.status]
    verified = request.verifications.filter(revision=request.revision).first()
    return {
        "regency": district.regency,
        "district": str(district),
        "place": district.name,
        "number": number,
        "date": _day(decided.at),
        "village": village.name,
        "request": request.number,
        "request_title": request.title,
        "project": project.title,
        "year": str(request.year),
        "their_number": request.letter_number,
        "submitted": _day(moves[FundingRequest.Status.SUBMITTED].at),
        "verified": _day(verified.at) if verified else "",
        "requested": format_rupiah(request.requested),
        "message": decided.reason,
        "office": decided.office,
        "signatory": decided.by.name,
    }


def _lines(lines):
    return [
        {
            "description": line.description,
            "volume": f"{format_decimal(line.quantity)} {line.unit}",
            "unit_price": format_number(line.unit_price),
            "asked": format_number(line.amount),
            "approved": format_number(line.approved),
            "reason": line.cut_reason,
        }
        for line in lines
    ]


def _sources(lines):
    sums = {}
    for line in lines:
        if line.approved:
            name = str(line.allotment.source)
            sums[name] = sums.get(name, 0) + line.approved
    return [
        {"name": name, "amount": format_rupiah(amount)} for name, amount in sums.items()
    ]


def _day(moment):
    return dates.format_date(moment).partition(", ")[2]


def _in_words(amount):
    return f"{terbilang(amount)} rupiah"
