"""The letter that thanks a partner for what it gave."""

from django.utils.translation import gettext as _

from leksono_portal.kit import dates
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.language import in_indonesian
from leksono_portal.kit.money import format_rupiah
from leksono_portal.kit.words import terbilang
from projects.pledges.models import Pledge, ThanksLetter

KIND = "surat_terima_kasih"
TEMPLATE = "projects/pledges/surat_terima_kasih.typ"


def write_letter(pledge, number, office, by):
    """Freeze the letter of thanks, signed by `by` in `office`, within its transaction."""
    with in_indonesian():
        at = dates.now()
        content = thanks(pledge, number, office, by, at)
        paper = kit_papers.store(KIND, content, at, template=TEMPLATE)
    return ThanksLetter.objects.create(pledge=pledge, number=number, paper=paper)


def thanks(pledge, number, office, by, at):
    """What the letter prints, as JSON of text; of persons only who signs it."""
    village = pledge.project.lead_village
    district = village.district
    is_of_village = office.village_id is not None
    return {
        "title": _("Terima kasih kepada %(partner)s") % {"partner": pledge.partner},
        "number": number,
        "date": _day(at),
        "regency": district.regency,
        "district": str(district),
        "village": village.full_name if is_of_village else "",
        "place": village.name if is_of_village else district.name,
        "partner": pledge.partner.name,
        "letter": pledge.letter_number,
        "letter_date": _day(pledge.letter_date) if pledge.letter_date else "",
        "kind": pledge.get_kind_display(),
        "what": pledge.what,
        "project": pledge.project.title,
        "lead_village": village.full_name,
        "promised": pledge.promised_told,
        "received": pledge.received_told,
        "in_words": f"{terbilang(pledge.received)} rupiah" if pledge.is_funds else "",
        "estimate": format_rupiah(pledge.estimate) if pledge.estimate else "",
        "is_whole": pledge.is_whole,
        "receipts": [
            {
                "date": _day(receipt.received_on),
                "reference": receipt.reference,
                "told": receipt.told,
            }
            for receipt in pledge.receipts.select_related("pledge")
        ],
        "outcome": pledge.outcome if pledge.status == Pledge.Status.USED else "",
        "office": office.title,
        "signatory": by.name,
    }


def _day(moment):
    return dates.format_date(moment).partition(", ")[2]
