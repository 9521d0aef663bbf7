"""The cells of a meeting: what each may hold, and the column it stands for.

A cell is one field of one part, named `decision:<key>/text`. Its value is JSON: text,
a whole number, true or false, a date (ISO), the key of another part, a village's slug,
or null.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forum.meetings.models import ActionItem, AgendaItem, Decision, Participant
from leksono_portal.kit import dates

NOT_A_VALUE = gettext_lazy("Isi ini tidak terbaca.")
BY_BALLOT = gettext_lazy(
    "Suara terbanyak dicatat lewat Pemungutan suara, setelah hitungannya disahkan."
)
REMOVED = "removed"
ABOVE = "above"
SLACK = timedelta(minutes=10)  # by which the clock of a device may be ahead
VOTES = ("votes_for", "votes_against", "votes_abstain")


# What goes for a part as a whole. Each returns (name of a column, sentence) pairs, and
# is asked by the forms and by the log alike.


def check_origin(values):
    """A participant comes from one village or one institution; only who comes from a
    village signs and votes, or comes in another's place (surat kuasa), of that village.
    """
    village, institution = values.get("village"), values.get("institution")
    if village and institution:
        yield "institution", _("Pilih desa atau isi instansi, jangan keduanya.")
    elif not village and not institution:
        yield "village", _("Pilih desanya, atau isi instansi.")
    if values.get("signs") and not village:
        yield "signs", _("Hanya wakil desa yang menandatangani.")
    proxy_for = values.get("proxy_for")
    if proxy_for and not village:
        yield "proxy_for", _("Surat kuasa hanya untuk wakil desa, dari desa yang sama.")
    elif proxy_for and proxy_for.casefold() == (values.get("name") or "").casefold():
        yield (
            "proxy_for",
            _("Tulis nama yang diwakili; seseorang tidak mewakili dirinya."),
        )
    if values.get("may_vote") and not village:
        yield "may_vote", _("Hanya utusan desa yang punya hak suara.")


def check_how(values, ballot):
    """Mufakat counts no votes; a vote has those of its `ballot`, confirmed and passed."""
    votes = [values.get(side) for side in VOTES]
    if values.get("method") == Decision.Method.CONSENSUS:
        if any(count is not None for count in votes):
            yield "votes_for", _("Mufakat tidak menghitung suara.")
        elif ballot:
            yield (
                "votes_for",
                _("Keputusan ini dari pemungutan suara; caranya tidak dapat diganti."),
            )
    elif values.get("method") == Decision.Method.VOTE:
        if not ballot or not ballot.passed:
            yield "votes_for", str(BY_BALLOT)
        elif votes != [getattr(ballot, side) for side in VOTES]:
            yield (
                "votes_for",
                _("Suaranya harus sama dengan hasil pemungutan suaranya."),
            )


def check_run(values):
    """An agenda item ends after it has started."""
    started, ended = values.get("started_at"), values.get("ended_at")
    if ended and not (started and started <= ended):
        yield "ended_at", _("Acara ini selesai sebelum dimulai.")


def check_due(due, meeting):
    """A follow-up is due on the day of the meeting or later, by 2100."""
    if due < dates.to_date(meeting.starts_at):
        raise ValidationError(
            _("Tanggal ini sebelum rapat, %(day)s."),
            params={"day": dates.format_date(meeting.starts_at)},
        )
    if due.year > 2100:
        raise ValidationError(_("Tahun paling jauh 2100."))


# Each kind of cell: `read` gives the JSON of a column's value, `clean` what may be kept
# of a JSON that came in, `column` the value that the column takes.


@dataclass(frozen=True)
class Cell:
    column: str

    def read(self, row):
        return getattr(row, self.column)

    def clean(self, value, model, world):
        value = model._meta.get_field(self.column).to_python(value)
        return model._meta.get_field(self.column).clean(value, None)

    def write(self, row, value, world):
        setattr(row, self.column, value)


@dataclass(frozen=True)
class Text(Cell):
    """Text; `is_long` if it is merged by lines and kept with its blanks."""

    is_long: bool = False

    def read(self, row):
        return _lines(super().read(row))

    def clean(self, value, model, world):
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise ValidationError(NOT_A_VALUE)
        value = _lines(value)
        if not self.is_long:
            value = value.strip()
        column = model._meta.get_field(self.column)
        MaxLengthValidator(column.max_length)(value)
        if not column.blank and not value.strip():
            raise ValidationError(column.error_messages["blank"])
        return column.clean(value, None)


class Flag(Cell):
    def clean(self, value, model, world):
        if not isinstance(value, bool):
            raise ValidationError(NOT_A_VALUE)
        return value


class Whole(Cell):
    def clean(self, value, model, world):
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(NOT_A_VALUE)
        return super().clean(value, model, world)


class Moment(Cell):
    """When something happened, as the clock of the device says; the last one holds."""

    def read(self, row):
        at = super().read(row)
        return at and at.isoformat()

    def clean(self, value, model, world):
        if value is None:
            return None
        at = parse_datetime(value) if isinstance(value, str) else None
        if at is None or at.tzinfo is None:
            raise ValidationError(NOT_A_VALUE)
        if not world.meeting.created_at - timedelta(days=1) < at < dates.now() + SLACK:
            raise ValidationError(_("Jam di perangkat ini tidak benar."))
        return at.astimezone(UTC).replace(microsecond=0).isoformat()

    def write(self, row, value, world):
        super().write(row, value and datetime.fromisoformat(value), world)


class Day(Cell):
    def read(self, row):
        return super().read(row).isoformat()

    def clean(self, value, model, world):
        due = super().clean(value, model, world)
        check_due(due, world.meeting)
        return due.isoformat()

    def write(self, row, value, world):
        super().write(row, date.fromisoformat(value), world)


class OfVillage(Cell):
    """One of the body's villages by its slug, or null."""

    def read(self, row):
        village = super().read(row)
        return village and village.slug

    def clean(self, value, model, world):
        if value is None:
            return None
        if value not in world.villages:
            raise ValidationError(_("Desa ini bukan anggota lembaga rapat ini."))
        return value

    def write(self, row, value, world):
        super().write(row, value and world.villages[value], world)


@dataclass(frozen=True)
class OfPart(Cell):
    """Another part of the meeting by its key, or null."""

    kind: str

    def read(self, row):
        part = super().read(row)
        return part and str(part.key)

    def clean(self, value, model, world):
        if value is None:
            return None
        if value not in world.parts(self.kind):
            raise ValidationError(_("Bagian rapat yang dirujuk tidak ada."))
        return value

    def write(self, row, value, world):
        super().write(row, value and world.parts(self.kind)[value].row, world)


@dataclass(frozen=True)
class Kind:
    """A kind of part: its model, cells by name, and what makes one complete.

    rows: the name of its rows on a meeting. defaults: JSON a new part begins with.
    bundle: the columns that are judged together by `check`, since one alone may be
    wrong only beside the others; box is where a form says so. told: what the audit trail keeps of a removed one.
    """

    model: type
    rows: str
    cells: dict
    defaults: dict = field(default_factory=dict)
    bundle: frozenset = frozenset()
    boxes: dict = field(default_factory=dict)
    check: object = None
    related: tuple = ()
    told: tuple = ()

    def name_of(self, column):
        return next(n for n, cell in self.cells.items() if cell.column == column)

    def first_of(self, name):
        """The column whose box says what is wrong with the cell `name`."""
        return self.boxes.get(name) or self.cells[name].column

    def values_of(self, row):
        return {name: cell.read(row) for name, cell in self.cells.items()}


KINDS = {
    "agenda": Kind(
        AgendaItem,
        "agenda",
        {
            "title": Text("title"),
            "note": Text("note", is_long=True),
            "deferred": Flag("is_deferred"),
            "parent": OfPart("parent", "agenda"),
            "minutes": Whole("planned_minutes"),
            "internal": Flag("is_internal"),
            "started": Moment("started_at"),
            "ended": Moment("ended_at"),
        },
        defaults={
            "title": "",
            "note": "",
            "deferred": False,
            "parent": None,
            "minutes": None,
            "internal": False,
            "started": None,
            "ended": None,
        },
        bundle=frozenset({"started", "ended"}),
        boxes={"started": "ended_at"},
        check=check_run,
        related=("parent",),
        told=("title",),
    ),
    "participant": Kind(
        Participant,
        "participants",
        {
            "present": Flag("present"),
            "name": Text("name"),
            "post": Text("post"),
            "sex": Text("sex"),
            "phone": Text("phone"),
            "village": OfVillage("village"),
            "institution": Text("institution"),
            "signs": Flag("signs"),
            "proxy": Text("proxy_for"),
            "may_vote": Flag("may_vote"),
        },
        defaults={
            "present": False,
            "name": "",
            "post": "",
            "sex": "",
            "phone": "",
            "village": None,
            "institution": "",
            "signs": False,
            "proxy": "",
            "may_vote": False,
        },
        bundle=frozenset(
            {"village", "institution", "signs", "proxy", "name", "may_vote"}
        ),
        boxes={"institution": "village", "signs": "village"},
        check=check_origin,
        related=("village",),
        told=("name", "post"),
    ),
    "decision": Kind(
        Decision,
        "decisions",
        {
            "text": Text("text", is_long=True),
            "method": Text("method"),
            "for": Whole("votes_for"),
            "against": Whole("votes_against"),
            "abstain": Whole("votes_abstain"),
            "dissent": Text("dissent", is_long=True),
            "agenda": OfPart("agenda_item", "agenda"),
        },
        defaults={
            "text": "",
            "method": "consensus",
            "for": None,
            "against": None,
            "abstain": None,
            "dissent": "",
            "agenda": None,
        },
        bundle=frozenset({"method", "for", "against", "abstain"}),
        boxes=dict.fromkeys(("method", "against", "abstain"), "votes_for"),
        related=("agenda_item",),
        told=("number", "text"),
    ),
    "action": Kind(
        ActionItem,
        "action_items",
        {
            "task": Text("task"),
            "village": OfVillage("village"),
            "due": Day("due_on"),
            "decision": OfPart("decision", "decision"),
        },
        defaults={"task": "", "village": None, "due": None, "decision": None},
        related=("village", "decision"),
        told=("task", "due_on"),
    ),
}
KIND_OF = {kind.model: name for name, kind in KINDS.items()}


def parse(name):
    """(kind, key, field) of the name of a cell; None where it is none."""
    kind, _colon, rest = name.partition(":")
    key, _slash, within = rest.partition("/")
    if kind not in KINDS:
        return None
    fields = {*KINDS[kind].cells, REMOVED} | ({ABOVE} if kind == "agenda" else set())
    try:
        is_key = str(UUID(key)) == key
    except ValueError:
        return None
    return (kind, key, within) if is_key and within in fields else None


def in_words(name, value, world):
    """(what the cell is, its value) as people read them, of a conflict."""
    kind, key, within = parse(name)
    part = world.parts(kind).get(key)
    if within not in KINDS[kind].cells:
        return str(part.row if part else ""), str(value)
    cell = KINDS[kind].cells[within]
    column = KINDS[kind].model._meta.get_field(cell.column)
    if isinstance(cell, OfVillage) and value in world.villages:
        value = world.villages[value].full_name
    elif isinstance(cell, OfPart) and value in world.parts(cell.kind):
        value = str(world.parts(cell.kind)[value].row)
    elif isinstance(cell, Day) and value:
        value = dates.format_date(date.fromisoformat(value))
    elif isinstance(cell, Flag):
        value = _("ya") if value else _("tidak")
    elif column.choices:
        value = dict(column.flatchoices).get(value, value)
    words = _("(kosong)") if value is None or value == "" else str(value)
    about = str(part.row) if part and within not in ("text", "title") else ""
    return " · ".join(filter(None, (about, str(column.verbose_name)))), words


def name_of(row, within):
    """The name of the cell `within` of a part."""
    return f"{KIND_OF[type(row)]}:{row.key}/{within}"


def _lines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")
