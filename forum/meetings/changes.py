"""The one way in which anything is written into a meeting.

Every writer - a form, a device that was offline for a day - sends changes of cells, and
`apply` says of each what came of it. Rows and log are written in one transaction, so
that pages and papers read ordinary tables.

Any order of arrival gives the same meeting. That means, for the changes of several
devices, each in the order of its `seq` or not:

- The last text of each device on a cell is part of the cell's value, or stands beside
  it as an open conflict; an earlier one is in the log.
- Where no two of these last texts touch (equal values, or edits of lines that keep
  away from each other), nothing is open and the value is the same in every order.
  Where some do, the order decides which of them is the value and which stand beside it.

What is judged by the rest of the meeting is judged when it arrives, and may be refused
in one order and not in another: votes against their ballot, a removal against what
hangs on the part, a reference to a part, a change of a part that is not there. New
parts are numbered as they arrive, and a part is moved by who moves it last.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forum.meetings import cells
from forum.meetings.cells import ABOVE, KINDS, REMOVED
from forum.meetings.log import TAKEN, WRITTEN, Change, Outcome
from forum.meetings.merge import merge
from forum.meetings.models import FINAL, OF_WRITERS, Body, Meeting
from leksono_portal.kit import audit, dates


@dataclass(frozen=True)
class Write:
    """What a writer sends. base: the version of the cell they saw, None for the newest.

    resolves: the id of the open conflict that the writer settles with it.
    """

    cell: str
    value: Any
    base: int | None = None
    seq: int = 1
    id: UUID = field(default_factory=uuid4)
    typed_at: datetime | None = None
    resolves: UUID | None = None


@dataclass(frozen=True)
class Answer:
    """What came of a change, and the value of its cell now."""

    change: Change
    value: Any


@transaction.atomic
def apply(meeting, *, by, device, changes):
    """Write `changes` (Write) of one device into the meeting; an Answer for each.

    For those who log the meetings of its body; raises PermissionDenied for others. One
    that was applied before, by its id, gets the answer it got then. In a final meeting
    each is refused, and its text kept in the log. device: a UUID, None for a writer
    who sends only once. A part that is new must have all it needs in one call.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("body")
        .get(pk=meeting.pk)
    )
    if not Body.objects.writable_by(by).contains(meeting.body):
        raise PermissionDenied(OF_WRITERS)
    return _Batch(meeting, by, device).apply(changes)


def touch(meeting, by):
    """Count a write to the locked meeting, and say by whom."""
    meeting.version += 1
    meeting.updated_by = by
    meeting.save(update_fields=["version", "updated_by", "updated_at"])


@dataclass(eq=False)
class _Part:
    """A part of the meeting while changes are applied; `row` is None if it is new."""

    kind: str
    key: str
    values: dict
    row: Any = None
    version: int = 0
    number: int | None = None
    is_removed: bool = False
    changes: list = field(default_factory=list)

    def __post_init__(self):
        self.was = dict(self.values)


def beside(part, other):
    """Whether two agenda items stand on one level, below the same item if below one."""
    return part.values["parent"] == other.values["parent"]


class World:
    """The meeting as it stands, its parts by kind and key, read when they are asked.

    rows: those a page has read already, by kind, with what they are related to.
    """

    def __init__(self, meeting, rows=None):
        self.meeting, self._rows = meeting, rows or {}
        self._parts = {}

    def parts(self, kind):
        if kind not in self._parts:
            rows = self._rows.get(kind)
            if rows is None:
                rows = getattr(self.meeting, KINDS[kind].rows)
                rows = rows.select_related(*KINDS[kind].related)
            self._parts[kind] = {
                str(row.key): _Part(
                    kind, str(row.key), KINDS[kind].values_of(row), row, row.version
                )
                for row in rows
            }
        return self._parts[kind]

    def arrange(self):
        """Put each agenda item that is below another behind it, in the order they had."""
        parts = self.parts("agenda")
        below = {}
        for part in parts.values():
            below.setdefault(part.values["parent"], []).append(part)
        parts.clear()
        for part in below.get(None, ()):
            parts |= {p.key: p for p in (part, *below.get(part.key, ()))}

    def numbers(self):
        """(place among all, number as it is called) of each agenda item by its key."""
        numbers, tops, subs = {}, 0, 0
        for place, (key, part) in enumerate(self.parts("agenda").items(), 1):
            if part.values["parent"]:
                subs += 1
                numbers[key] = place, f"{tops}.{subs}"
            else:
                tops, subs = tops + 1, 0
                numbers[key] = place, str(tops)
        return numbers

    @cached_property
    def villages(self):
        return {village.slug: village for village in self.meeting.body.villages.all()}

    @cached_property
    def ballots(self):
        """The confirmed ballots, by the key of the decision that is made of each."""
        return {str(b.key): b for b in self.meeting.ballots.confirmed()}

    def value_of(self, name):
        """What the cell called `name` holds; None if there is none."""
        parsed = cells.parse(name)
        if parsed is None:
            return None
        kind, key, within = parsed
        part = self.parts(kind).get(key)
        if within == REMOVED:
            return part is None
        if part is None:
            return None
        if within == ABOVE:
            level = [k for k, p in self.parts(kind).items() if beside(part, p)]
            return [*level, None][level.index(key) + 1]
        return part.values[within]


class _Batch:
    def __init__(self, meeting, by, device):
        self.meeting, self.by = meeting, by
        self.has_device, self.device = device is not None, device or uuid4()
        self.world = World(meeting)
        self.at = dates.now()
        self.fresh = []
        self.touched = {}

    def apply(self, writes):
        self._read_log(writes)
        answers = []
        for write in writes:
            if write.id not in self.known:
                self.known[write.id] = self._take(write)
            answers.append(self._own(self.known[write.id]))
        for kind in KINDS:
            for part in self._touched(kind):
                self._judge(part)
        self._write_rows()
        self._write_log()
        return [Answer(change, self.world.value_of(change.cell)) for change in answers]

    def _own(self, change):
        """The change, or a refusal if its id is that of another meeting's."""
        if change.meeting_id == self.meeting.pk:
            return change
        return Change(
            id=change.id,
            cell="",
            outcome=Outcome.REFUSED,
            version=0,
            reason=_("Perubahan ini milik rapat lain."),
        )

    def _read_log(self, writes):
        """What the log says of the cells written to, in as many queries for all."""
        log = self.meeting.changes
        names = {write.cell for write in writes}
        here = log.filter(cell__in=names)
        self.known = Change.objects.in_bulk([write.id for write in writes])
        heads = here.written().order_by("cell", "-version").distinct("cell")
        self.heads = dict(heads.values_list("cell", "version"))
        self.old_heads = dict(self.heads)
        self.latest, self.taken = {}, {}
        if self.has_device:
            mine = here.filter(device=self.device).order_by("cell", "-seq", "-number")
            mine = mine.distinct("cell")
            latest = mine.exclude(outcome=Outcome.REFUSED)
            self.latest = {change.cell: change for change in latest}
            taken = mine.filter(outcome__in=TAKEN)
            self.taken = {change.cell: change for change in taken}
        named = {write.resolves for write in writes} - {None}
        conflicts = log.filter(pk__in=named, outcome=Outcome.CONFLICT)
        self.conflicts = dict(conflicts.values_list("pk", "cell")) if named else {}
        self.gone = self._read_removals(log, names)

    def _read_removals(self, log, names):
        parsed = filter(None, map(cells.parse, names))
        unknown = {
            f"{kind}:{key}/{REMOVED}"
            for kind, key, _within in parsed
            if not self.meeting.is_final and key not in self.world.parts(kind)
        }
        if not unknown:
            return {}
        removals = log.written().filter(cell__in=unknown)
        removals = removals.order_by("cell", "-version").distinct("cell")
        return {change.cell: change for change in removals if change.value}

    def _touched(self, kind):
        return [part for part in self.touched.values() if part.kind == kind]

    # One change --------------------------------------------------------------------

    def _take(self, write):
        value, is_clean = _storable(write.value)
        head = self.heads.get(write.cell, 0)
        settles = self.conflicts.get(write.resolves) == write.cell
        change = Change(
            id=write.id,
            meeting=self.meeting,
            author=self.by,
            device=self.device,
            seq=write.seq,
            cell=write.cell,
            value=value,
            base=head if write.base is None else write.base,
            version=head,
            resolves_id=write.resolves if settles else None,
            typed_at=write.typed_at,
            received_at=self.at,
        )
        self.fresh.append(change)
        try:
            if not is_clean:
                ProhibitNullCharactersValidator()("\x00")
            self._decide(change)
        except ValidationError as error:
            self._refuse(change, error.messages[0])
        return change

    def _decide(self, change):
        if self.meeting.is_final:
            raise ValidationError(FINAL)
        parsed = cells.parse(change.cell)
        if parsed is None:
            raise ValidationError(_("Portal tidak mengenal bagian rapat ini."))
        kind, key, within = parsed
        part = self.world.parts(kind).get(key) or self._part_to_be(
            change, kind, key, within
        )
        change.value = self._clean(part, within, change.value)
        latest = self.latest.get(change.cell)
        if latest and latest.seq > change.seq:
            change.outcome = Outcome.SUPERSEDED
            return
        current = self.world.value_of(change.cell)
        if key not in self.world.parts(kind) and within != REMOVED:
            current = part.values[within]
        change.outcome, change.result = self._compare(change, part, within, current)
        if change.outcome in WRITTEN:
            self._set(change, part, within, current)
        self.latest[change.cell] = change
        if change.outcome in TAKEN:
            self.taken[change.cell] = change
        self.touched[kind, key] = part
        part.changes.append(change)

    def _part_to_be(self, change, kind, key, within):
        """A part that is not there yet, or comes back."""
        removal = self.gone.get(f"{kind}:{key}/{REMOVED}")
        if removal and within == REMOVED:
            if (kind, key) in self.touched:
                return self.touched[kind, key]
            before = removal.before
            values = KINDS[kind].defaults | before["values"]
            version, row = before["row_version"], before.get("row")
            return _Part(kind, key, values, version=version, number=row)
        if removal or within in (REMOVED, ABOVE):
            raise ValidationError(
                _("Bagian ini sudah dihapus orang lain. Salin tulisan Anda bila perlu.")
            )
        part = _Part(kind, key, dict(KINDS[kind].defaults))
        self.world.parts(kind)[key] = part
        return part

    def _clean(self, part, within, value):
        kind = KINDS[part.kind]
        if within == REMOVED:
            if not isinstance(value, bool):
                raise ValidationError(cells.NOT_A_VALUE)
        elif within == "parent":
            why_not = self._why_not_below(part, value)
            if why_not:
                raise ValidationError(why_not)
        elif within == ABOVE:
            others = self.world.parts(part.kind).keys() - {part.key}
            if value is not None and value not in others:
                raise ValidationError(_("Bagian rapat yang dirujuk tidak ada."))
        else:
            return kind.cells[within].clean(value, kind.model, self.world)
        return value

    def _why_not_below(self, part, key):
        """Why an agenda item cannot stand below the one with that key; "" if it can."""
        parts = self.world.parts(part.kind)
        if key is None:
            return ""
        if key not in parts or key == part.key:
            return _("Acara utama yang dipilih tidak ada.")
        if parts[key].values["parent"]:
            return _("Yang dipilih sendiri bagian dari acara lain; pilih acara utama.")
        if any(other.values["parent"] == part.key for other in parts.values()):
            return _("Acara ini punya sub-acara, jadi tidak dapat menjadi sub-acara.")
        return "" if parts[key].row else self._lacks(parts[key])

    def _compare(self, change, part, within, current):
        """(outcome, merged text) of a valid change."""
        head = self.heads.get(change.cell, 0)
        seen, ancestor = change.base, None
        own = self.taken.get(change.cell)
        if own and own.version > seen:
            # Typed on top of the device's own text, before it heard what came of that.
            ancestor = own.value
            seen = None if own.outcome == Outcome.MERGED else own.version
        if change.value == current:
            return Outcome.SAME, None
        cell = KINDS[part.kind].cells.get(within)
        if seen == head or within == ABOVE or isinstance(cell, cells.Moment):
            return Outcome.APPLIED, None
        if isinstance(cell, cells.Text) and cell.is_long:
            if ancestor is None:
                ancestor = self._value_at(change.cell, seen)
            merged = (
                None if ancestor is None else merge(ancestor, current, change.value)
            )
            if merged is not None:
                try:
                    self._clean(part, within, merged)
                except ValidationError:
                    pass  # too long together
                else:
                    return Outcome.MERGED, merged
        return Outcome.CONFLICT, None

    def _value_at(self, name, version):
        """The cell's value when it had that version; None if the log does not say."""
        wanted = max(version, 1)
        for change in self.fresh:
            if change.cell == name and change.outcome in WRITTEN:
                if change.version == wanted:
                    break
        else:
            found = self.meeting.changes.written().filter(cell=name, version=wanted)
            change = found.first()
        if change is None:
            return None
        return change.written if version else change.before

    def _set(self, change, part, within, current):
        if within == REMOVED:
            if change.value:
                self._check_removable(part)
                change.before = {"values": part.values, "row_version": part.version}
                if part.kind == "participant" and part.row:
                    change.before["row"] = part.row.row
                del self.world.parts(part.kind)[part.key]
                self.gone[change.cell] = change
            else:
                self.world.parts(part.kind)[part.key] = part
                if part.kind == "agenda" and self._why_not_below(
                    part, part.values["parent"]
                ):
                    part.values["parent"] = None
            part.is_removed = change.value
        elif within == ABOVE:
            self._move(part, change.value)
        else:
            if not self.heads.get(change.cell):
                change.before = current
            part.values[within] = change.written
            if within == "parent" and change.value:
                self._move(part, None)
        if part.kind == "agenda":
            self.world.arrange()
        change.version = self.heads[change.cell] = self.heads.get(change.cell, 0) + 1

    def _check_removable(self, part):
        own = f"{part.kind}:{part.key}/"
        is_open = self.meeting.changes.open_conflicts().filter(cell__startswith=own)
        if is_open.exists() or any(
            change.outcome == Outcome.CONFLICT for change in part.changes
        ):
            raise ValidationError(
                _("Ada tulisan yang bertentangan di bagian ini. Pilih dahulu.")
            )
        if part.kind == "agenda":
            decided = self.world.parts("decision").values()
            if part.values["note"] or part.key in {d.values["agenda"] for d in decided}:
                raise ValidationError(
                    _(
                        "Acara ini sudah punya catatan atau keputusan, jadi tidak "
                        "dapat dihapus."
                    )
                )
            others = self.world.parts("agenda").values()
            if any(other.values["parent"] == part.key for other in others):
                raise ValidationError(
                    _("Acara ini punya sub-acara. Pindahkan atau hapus dahulu.")
                )
            if self.meeting.ballots.filter(agenda_item__key=part.key).exists():
                raise ValidationError(
                    _(
                        "Sudah ada pemungutan suara untuk acara ini, jadi tidak dapat "
                        "dihapus."
                    )
                )
        if part.kind == "decision":
            if part.key != list(self.world.parts("decision"))[-1]:
                raise ValidationError(_("Hanya keputusan terakhir yang dapat dihapus."))
            to_do = self.world.parts("action").values()
            if part.key in {item.values["decision"] for item in to_do}:
                raise ValidationError(
                    _("Hapus atau ubah dahulu tindak lanjut dari keputusan ini.")
                )

    def _move(self, part, below):
        parts = self.world.parts(part.kind)
        keys = [key for key in parts if key != part.key]
        keys.insert(keys.index(below) if below else len(keys), part.key)
        ordered = {key: parts[key] for key in keys}
        parts.clear()
        parts.update(ordered)

    # All that was written to one part -------------------------------------------------

    def _judge(self, part):
        """Refuse what is wrong only beside other cells, now that all have come."""
        if part.is_removed:
            return
        if part.row is None:
            sentence = self._lacks(part)
            if sentence:
                self.world.parts(part.kind).pop(part.key, None)
                self._refuse_all(part, part.changes, sentence)
            return
        for change in part.changes:
            within = cells.parse(change.cell)[2]
            cell = KINDS[part.kind].cells.get(within)
            if isinstance(cell, cells.OfPart) and change.outcome in WRITTEN:
                value = part.values[within]
                if value and value not in self.world.parts(cell.kind):
                    words = _("Bagian rapat yang dirujuk tidak ada.")
                    self._refuse_all(part, [change], words)
        bundle = [
            change
            for change in part.changes
            if cells.parse(change.cell)[2] in KINDS[part.kind].bundle
        ]
        if any(change.outcome in WRITTEN for change in bundle):
            for _column, sentence in self._check(part):
                self._refuse_all(part, bundle, sentence)
                return

    def _lacks(self, part):
        """Why a new part cannot be: a sentence, "" if it can."""
        kind = KINDS[part.kind]
        lacking = []
        for name, cell in kind.cells.items():
            if isinstance(cell, cells.OfPart):
                if part.values[name] not in self.world.parts(cell.kind):
                    part.values[name] = None
            try:
                cell.clean(part.values[name], kind.model, self.world)
            except ValidationError:
                lacking.append(
                    str(kind.model._meta.get_field(cell.column).verbose_name)
                )
        if lacking:
            return _("Belum lengkap: isi %(what)s.") % {"what": ", ".join(lacking)}
        return next((sentence for _column, sentence in self._check(part)), "")

    def _check(self, part):
        kind = KINDS[part.kind]
        values = {cell.column: part.values[name] for name, cell in kind.cells.items()}
        if part.kind == "decision":
            yield from cells.check_how(values, self.world.ballots.get(part.key))
        elif kind.check:
            yield from kind.check(values)

    def _refuse_all(self, part, changes, sentence):
        for change in changes:
            if change.outcome != Outcome.REFUSED:
                self._refuse(change, sentence)
                within = cells.parse(change.cell)[2]
                if within in part.was:
                    part.values[within] = part.was[within]

    def _refuse(self, change, sentence):
        change.outcome, change.reason = Outcome.REFUSED, sentence[:300]
        change.version = self.old_heads.get(change.cell, 0)
        change.before = change.result = None

    # Rows and log ---------------------------------------------------------------------

    def _write_rows(self):
        removed = []
        is_written = False
        self.numbers = self.world.numbers() if self._touched("agenda") else {}
        for kind in KINDS:
            # What others stand below is there before them, and goes after them.
            for part in sorted(self._touched(kind), key=_is_below):
                written = [c for c in part.changes if c.outcome in WRITTEN]
                if not written:
                    continue
                is_written = True
                if not part.is_removed:
                    self._write_row(part, written)
                elif part.row:
                    removed.append(part)
                for change in written:
                    change.row_version = part.version
        for part in reversed(removed):
            self._delete_row(part)
        self._write_positions()
        if is_written:
            touch(self.meeting, self.by)

    def _write_row(self, part, written):
        kind = KINDS[part.kind]
        row = part.row
        is_new = row is None
        if is_new:
            row = part.row = kind.model(meeting=self.meeting, key=part.key)
            self._number(part)
            names = set(kind.cells)
        else:
            names = {cells.parse(change.cell)[2] for change in written}
            names = set(kind.cells) if REMOVED in names else names - {ABOVE}
        if not names:
            return
        for name in names:
            kind.cells[name].write(row, part.values[name], self.world)
        part.version += 1
        row.version, row.updated_by = part.version, self.by
        if is_new:
            row.save(force_insert=True)
            return
        columns = [kind.cells[name].column for name in names]
        row.save(update_fields=[*columns, "version", "updated_by", "updated_at"])

    def _number(self, part):
        """The next place; what is new stands last until it is moved.

        Participants are numbered by the database, and come back under their number.
        """
        if part.kind == "participant" and part.number:
            part.row.row = part.number
        elif part.kind == "agenda":
            part.row.position, part.row.number = self.numbers[part.key]
        elif part.kind == "decision":
            others = self.world.parts(part.kind).values()
            places = [p.row.number or 0 for p in others if p.row]
            part.row.number = max(places, default=0) + 1

    def _delete_row(self, part):
        audit.record(
            f"meeting.{part.row._meta.model_name}.remove",
            target=f"Rapat {self.meeting.pk}",
            by=self.by,
            old={name: getattr(part.row, name) for name in KINDS[part.kind].told},
            address=self.meeting.get_absolute_url(),
        )
        part.row.delete()

    def _write_positions(self):
        for key, (place, number) in self.numbers.items():
            row = self.world.parts("agenda")[key].row
            if (row.position, row.number) != (place, number):
                row.position, row.number = place, number
                row.save(update_fields=["position", "number"])

    def _write_log(self):
        last = self.meeting.changes.aggregate(last=Max("number"))["last"] or 0
        for number, change in enumerate(self.fresh, last + 1):
            change.number = number
        Change.objects.bulk_create(self.fresh)


def _is_below(part):
    return bool(part.values.get("parent"))


def _storable(value):
    """(`value` as PostgreSQL can keep it, whether it is unchanged)."""
    if not isinstance(value, str):
        return value, True
    kept = value.replace("\x00", "").encode("utf-8", "replace").decode()
    return kept, kept == value
