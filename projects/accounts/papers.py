"""The account of a whole request (LPJ): what came, what was spent on it, what is left."""

from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.money import format_number, format_rupiah
from leksono_portal.kit.words import terbilang
from projects.accounts import display
from projects.accounts.models import Account, Receipt

KIND = "lpj"
TEMPLATE = "projects/accounts/lpj.typ"


def write_account(settlement, office):
    """Freeze the account of a request that ends now, within its transaction.

    office: in which it is closed. Returns the stored paper.
    """
    with in_indonesian():
        at = dates.now()
        return kit_papers.store(
            KIND, account(settlement, office, at), at, template=TEMPLATE
        )


def account(settlement, office, at):
    """What the paper prints, as JSON of text; of persons only who signs it."""
    request = settlement.request
    village = request.project.lead_village
    accounts = Account.objects.filter(release__tranche__request=request)
    accounts = accounts.select_related("release__tranche").prefetch_related("moves__by")
    sent = [
        move
        for row in accounts
        for move in row.moves.all()
        if move.to_status == Account.Status.SENT
    ]
    has_rest = settlement.paid_back > 0
    rows = display.realisation(request, Receipt.objects.all())
    book = display.cash_book(request, Receipt.objects.all(), settlement)
    return {
        "title": _("Pertanggungjawaban dana: %(title)s") % {"title": request.title},
        "number": request.number,
        "date": _day(at),
        "regency": village.district.regency,
        "district": str(village.district),
        "village": village.full_name,
        "place": village.name,
        "project": request.project.title,
        "year": str(request.year),
        "decision_letter": request.decision_letter,
        "approved": format_rupiah(request.approved),
        "released": format_rupiah(request.released),
        "spent": format_rupiah(request.accounted),
        "in_words": f"{terbilang(request.accounted)} rupiah",
        "paid_back": format_rupiah(settlement.paid_back) if has_rest else "",
        "reference": settlement.reference,
        "paid_on": _day(settlement.paid_on) if has_rest else "",
        "lines": [
            {
                "description": line.description,
                "approved": format_number(line.approved),
                "spent": format_number(line.spent),
                "left": format_number(line.left),
            }
            for line in rows["lines"]
        ],
        "sums": [format_number(rows[name]) for name in ("approved", "spent", "left")],
        "book": [
            {
                "day": dates.format_date_short(row["day"]),
                "what": row["what"],
                "proof": row["proof"],
                "income": format_number(row["income"]) if row["income"] else "",
                "outgo": format_number(row["outgo"]) if row["outgo"] else "",
                "balance": format_number(row["balance"]),
            }
            for row in book["rows"]
        ],
        "book_sums": [
            format_number(book[name]) for name in ("income", "outgo", "balance")
        ],
        "tranches": [
            {
                "number": row.release.tranche.number,
                "amount": format_rupiah(row.release.tranche.amount),
                "paid_on": _day(row.release.paid_on),
                "spent": format_rupiah(row.spent),
                "story": row.story,
            }
            for row in accounts
        ],
        "village_office": sent[-1].office if sent else "",
        "village_signatory": sent[-1].by.name if sent else "",
        "office": office.title,
        "signatory": settlement.by.name,
    }


def _day(moment):
    return dates.format_date(moment).partition(", ")[2]
