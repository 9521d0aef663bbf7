"""What a berita acara perbaikan says."""

from forum.meetings import papers as meetings
from leksono_portal.kit import dates
from leksono_portal.kit.language import in_indonesian

KIND = "berita_acara_perbaikan"
TEMPLATE = "forum/amendments/perbaikan.typ"


@in_indonesian()
def content(record, number, *, reason, corrections, at):
    """All that the paper prints. It is signed by those who signed the record, and
    acknowledged by the camat of this day."""
    old = record.paper.content
    kept = ("body", "district", "regency", "province", "kind", "title", "place")
    signatures = meetings.signatures(record.meeting, dates.to_date(at), people=[])
    day = dates.format_date(at).partition(", ")[2]
    return {name: old[name] for name in kept} | {
        "number": number,
        "date": day,
        "date_in_words": dates.date_in_words(dates.to_date(at)),
        "of_number": record.number,
        "of_date": old["date"],
        "reason": reason,
        "corrections": corrections,
        "signatures": {
            "chair": old["signatures"]["chair"],
            "secretary": old["signatures"]["secretary"],
            "camat": signatures["camat"],
        },
    }
