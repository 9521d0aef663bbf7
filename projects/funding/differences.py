"""What a village changed between two submissions of a request, for people to read."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leksono_portal.kit.money import format_decimal, format_rupiah
from projects.funding.models import BudgetLine

FIELDS = {
    "title": gettext_lazy("Judul"),
    "year": gettext_lazy("Tahun anggaran"),
    "background": gettext_lazy("Latar belakang dan tujuan"),
}


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was; was or now is "" where there is none."""

    what: str
    was: str
    now: str

    @property
    def kind(self):
        return (
            "changed" if self.was and self.now else "added" if self.now else "removed"
        )


def of_request(request):
    """What its newest revision changed in the one before it; [] if it is the first."""
    if request.revision < 2:
        return []
    last = request.revisions.order_by("-number")[:2]
    contents = [revision.content["request"] for revision in last]
    return between(*reversed(contents)) if len(contents) == 2 else []


def between(before, after):
    """The changes from one frozen content to another: words, lines, and their sum."""
    changes = [
        Change(str(label), str(before[name]), str(after[name]))
        for name, label in FIELDS.items()
        if before[name] != after[name]
    ]
    changes += _lines(before["lines"], after["lines"])
    if before["requested"] != after["requested"]:
        sums = [format_rupiah(content["requested"]) for content in (before, after)]
        changes.append(Change(_("Jumlah diminta"), *sums))
    return changes


def _lines(before, after):
    """Lines of one group and description are the same line, in the order they stand."""
    old = defaultdict(list)
    for line in before:
        old[_name(line)].append(line)
    for line in after:
        was = old[_name(line)].pop(0) if old[_name(line)] else None
        if was is None or _words(was) != _words(line):
            yield Change(_title(line), _words(was) if was else "", _words(line))
    for lines in old.values():
        for line in lines:
            yield Change(_title(line), _words(line), "")


def _name(line):
    return line["group"], line["description"].casefold()


def _title(line):
    return f"{BudgetLine.Group(line['group']).label}: {line['description']}"


def _words(line):
    source = line["source"] or _("sendiri")
    return (
        f"{format_decimal(Decimal(line['quantity']))} {line['unit']} × "
        f"{format_rupiah(line['unit_price'])} = {format_rupiah(line['amount'])}, {source}"
    )
