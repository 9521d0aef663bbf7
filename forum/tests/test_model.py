"""Random scripts of writers against a model: a dictionary of cells and a log.

`make test` runs the same scripts each time; `make soak` many others.
"""

import os
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from forum.meetings import actions, changes
from forum.meetings.changes import Write
from forum.meetings.merge import merge
from forum.models import Change, Meeting
from forum.tests.make import make_agenda, make_body, make_ready_meeting

pytestmark = pytest.mark.django_db
SOAK = int(os.environ.get("SOAK", 0))
RUNS = settings(
    max_examples=SOAK or 25,
    derandomize=not SOAK,
    database=None,
    deadline=None,
    phases=[Phase.generate] + [Phase.shrink] * bool(SOAK),
    suppress_health_check=list(HealthCheck),
)
LINES = [f"Baris {n}" for n in range(7)]
DEVICES = 3


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_ready_meeting(body, cast.operator)
    make_agenda(meeting, "Lain-lain", "Penutup")
    meeting.agenda.filter(position=1).update(note="\n".join(LINES))
    meeting.writers = [cast.operator, cast.other_operator, cast.operator]
    return meeting


class Agenda:
    """The items in their order, and what each stands below."""

    def __init__(self, keys):
        self.order, self.parent = list(keys), dict.fromkeys(keys)

    def refuses(self, key, field, value):
        if field == "parent" and value:
            return (
                value not in self.order
                or value == key
                or self.parent[value] is not None
                or key in self.parent.values()
            )
        return field == "above" and value not in {None, *self.order} - {key}

    def holds(self, key, field, value):
        """An item with others below it stays."""
        return field == "removed" and value and key in self.parent.values()

    def above(self, key):
        level = [k for k in self.order if self.parent[k] == self.parent[key]]
        return [*level, None][level.index(key) + 1]

    def put(self, key, field, value):
        order = self.order
        if field == "parent":
            self.parent[key] = value
        if field == "above" or field == "parent" and value or field == "removed":
            order = [k for k in order if k != key]
            place = order.index(value) if field == "above" and value else len(order)
            if value is not True:
                order.insert(place, key)
        tops = [k for k in order if not self.parent[k]]
        self.order = [
            k
            for top in tops
            for k in (top, *(c for c in order if self.parent[c] == top))
        ]

    def numbers(self):
        numbers, subs = [], 0
        for key in self.order:
            subs = subs + 1 if self.parent[key] else 0
            top = sum(
                not self.parent[k] for k in self.order[: self.order.index(key) + 1]
            )
            numbers.append(f"{top}.{subs}" if subs else str(top))
        return numbers


class Model:
    """What the meeting must be. `cells`: {name: [value of each version]}."""

    def __init__(self, cells, long, agenda):
        self.cells, self.long = {name: [v] for name, v in cells.items()}, long
        self.log, self.is_final, self.agenda = {}, False, agenda
        self.begin()

    def begin(self):
        """A batch; what it refuses leaves its cell as it was before."""
        self.before = {name: len(values) - 1 for name, values in self.cells.items()}

    def value(self, cell):
        key, field = cell.partition(":")[2].split("/")
        if field == "above":
            return self.agenda.above(key)
        return self.cells[cell][-1]

    def apply(self, device, write):
        if write.id in self.log:
            return self.log[write.id]
        outcome, version = self._outcome(device, write)
        self.log[write.id] = outcome, version, device, write
        return self.log[write.id]

    def _outcome(self, device, write):
        values = self.cells[write.cell]
        head = len(values) - 1
        if self.is_final or self.agenda.refuses(*self._place(write)):
            return "refused", self.before[write.cell]
        own = [
            (w.seq, outcome, version, w.value)
            for outcome, version, by, w in self.log.values()
            if (by, w.cell) == (device, write.cell) and outcome != "refused"
        ]
        if any(seq > write.seq for seq, *_ in own):
            return "superseded", head
        base, seen = write.base, values[min(write.base, head)]
        for _seq, outcome, version, value in sorted(own):
            if outcome in ("applied", "same", "merged") and version > write.base:
                base, seen = (-1 if outcome == "merged" else version), value
        if write.value == self.value(write.cell):
            return "same", head
        if base == head or write.cell.endswith("/above"):
            if self.agenda.holds(*self._place(write)):
                return "refused", self.before[write.cell]
            return self._put(write.cell, write.value, "applied")
        both = merge(seen, values[-1], write.value) if write.cell in self.long else None
        if both is None:
            return "conflict", head
        return self._put(write.cell, both, "merged")

    def _place(self, write):
        return (*write.cell.partition(":")[2].split("/"), write.value)

    def _put(self, cell, value, outcome):
        key, field = cell.partition(":")[2].split("/")
        if field in ("parent", "above", "removed"):
            self.agenda.put(key, field, value)
        self.cells[cell].append(value)
        return outcome, len(self.cells[cell]) - 1

    def open(self):
        """The ids of texts that stand beside the value of their cell."""
        taken = ("applied", "same", "merged")
        return {
            id
            for id, (outcome, version, device, write) in self.log.items()
            if outcome == "conflict"
            and not any(
                (later == "conflict" or later in taken)
                and by == device
                and w.cell == write.cell
                and w.seq > write.seq
                and w.base < version
                or w.resolves == id
                and (later in taken or later == "conflict" and by % 2 == device % 2)
                for later, _version, by, w in self.log.values()
            )
        }


class Page:
    """A device: what it knows of each cell, what it typed, what it has yet to send."""

    def __init__(self, number, values):
        self.number, self.id, self.seq = number, uuid4(), 0
        self.known = {name: (value, 0) for name, value in values.items()}
        self.outbox = []

    def type(self, cell, value, resolves=None):
        self.seq += 1
        _old, base = self.known[cell]
        self.known[cell] = value, base
        write = Write(cell, value, base=base, seq=self.seq, resolves=resolves)
        self.outbox.append(write)
        return write


def edited(text, where, how, word):
    """`text` with one line changed, put in or taken out."""
    lines = text.split("\n")
    where %= len(lines)
    lines[where : where + (how != "put in")] = [] if how == "taken out" else [word]
    return "\n".join(lines)


STEPS = st.one_of(
    st.tuples(
        st.just("type"),
        st.integers(0, DEVICES - 1),
        st.integers(0, 8),
        st.integers(0, 8),
        st.sampled_from(["changed", "put in", "taken out"]),
    ),
    st.tuples(
        st.just("send"),
        st.integers(0, DEVICES - 1),
        st.sampled_from(["heard", "answer lost", "lost"]),
        st.randoms(use_true_random=False),
    ),
    st.tuples(st.just("pull"), st.integers(0, DEVICES - 1)),
    st.tuples(st.just("choose"), st.integers(0, DEVICES - 1)),
)


@RUNS
@given(
    script=st.lists(STEPS, min_size=5, max_size=40),
    ending=st.one_of(st.none(), st.integers(0, 40)),
)
def test_the_meeting_is_what_the_model_says_after_any_script(meeting, script, ending):
    with transaction.atomic():
        Play(meeting).run(script, ending)
        transaction.set_rollback(True)


class Play:
    def __init__(self, meeting):
        self.meeting = meeting
        item = meeting.agenda.first()
        person = meeting.participants.first()
        self.names = [
            f"agenda:{item.key}/note",
            f"agenda:{item.key}/title",
            f"participant:{person.key}/present",
            f"agenda:{meeting.agenda.last().key}/removed",
        ]
        values = ["\n".join(LINES), item.title, True, False]
        keys = [str(item.key) for item in meeting.agenda.all()]
        self.agenda = Agenda(keys)
        *self.places, _gone = keys
        for key in self.places[1:]:
            self.names += [f"agenda:{key}/parent", f"agenda:{key}/above"]
            values += [None, self.agenda.above(key)]
        values = dict(zip(self.names, values, strict=True))
        self.model = Model(values, self.names[:1], self.agenda)
        self.pages = [Page(number, values) for number in range(DEVICES)]
        self.words = map("kata {}".format, count())
        self.typed, self.frozen = {}, None

    def run(self, script, ending):
        for number, (verb, device, *rest) in enumerate(script):
            if number == ending:
                self.finalise()
            getattr(self, verb)(self.pages[device], *rest)
        for page in self.pages:
            self.send(page, "heard", None)
        self.check()

    def type(self, page, cell, where, how):
        name = self.names[cell % len(self.names)]
        value, _base = page.known[name]
        if isinstance(value, bool):
            page.type(name, not value)
        elif name.endswith("title"):
            page.type(name, next(self.words))
        elif name.endswith(("parent", "above")):
            choices = [None, *self.agenda.order]
            page.type(name, choices[where % len(choices)])
        else:
            page.type(name, edited(value, where, how, next(self.words)))

    def send(self, page, fate, random):
        batch = list(page.outbox)
        if random:
            random.shuffle(batch)
            batch = batch[: random.randint(0, len(batch))]
        if fate == "lost" or not batch:
            return
        by = self.meeting.writers[page.number]
        self.model.begin()
        answers = changes.apply(self.meeting, by=by, device=page.id, changes=batch)
        for write, answer in zip(batch, answers, strict=True):
            outcome, version, *_ = self.model.apply(page.number, write)
            assert (answer.change.outcome, answer.change.version) == (outcome, version)
            self.typed[write.id] = write
            if fate == "heard":
                page.outbox.remove(write)
                self._hear(page, write.cell)

    def pull(self, page):
        for name in self.names:
            self._hear(page, name)

    def _hear(self, page, name):
        """A page takes what is new into cells in which nothing waits to be sent."""
        if not any(write.cell == name for write in page.outbox):
            values = self.model.cells[name]
            page.known[name] = values[-1], len(values) - 1

    def choose(self, page):
        for id in sorted(self.model.open(), key=str)[:1]:
            write = self.model.log[id][3]
            self._hear(page, write.cell)
            value = write.value
            if isinstance(value, str):
                value += " dan " + next(self.words)
            page.type(write.cell, value, resolves=id)

    def finalise(self):
        here = Meeting.objects.get(pk=self.meeting.pk)
        ready = not self.model.open() and self.model.cells[self.names[2]][-1]
        try:
            with transaction.atomic():
                actions.finalise(here, by=here.chair, version=here.version)
        except actions.ValidationError:
            assert not ready
        else:
            assert ready
            self.model.is_final = True
            self.frozen = self.stored()

    def stored(self):
        world = changes.World(Meeting.objects.get(pk=self.meeting.pk))
        return {name: world.value_of(name) for name in self.names}

    def check(self):
        """The five truths."""
        log = list(self.meeting.changes.all())
        assert [change.number for change in log] == list(range(1, len(log) + 1))
        # Acknowledged is in the database, once, with the outcome that was said.
        assert {change.id for change in log} == self.typed.keys()
        for change in log:
            outcome, _version, _device, write = self.model.log[change.id]
            assert (change.outcome, change.value) == (outcome, write.value)
        # The meeting is what the model says.
        stored = self.stored()
        assert stored == {name: self.model.value(name) for name in self.names}
        agenda = list(self.meeting.agenda.all())
        assert [str(item.key) for item in agenda] == self.agenda.order
        assert [item.number for item in agenda] == self.agenda.numbers()
        assert [item.position for item in agenda] == list(range(1, len(agenda) + 1))
        # No text is gone: it is in the value, open, or in the history.
        still = {change.id for change in self.meeting.changes.open_conflicts()}
        assert still == self.model.open()
        for change in log:
            if change.outcome == "merged":
                assert change.result is not None
        # Nothing changes after the end.
        if self.frozen:
            assert stored == self.frozen


TEXTS = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 6), st.sampled_from(["changed", "put in", "taken out"])
        ),
        min_size=1,
        max_size=2,
    ),
    min_size=2,
    max_size=3,
)


@RUNS
@given(edits=TEXTS, orders=st.tuples(*[st.randoms(use_true_random=False)] * 2))
def test_any_order_of_arrival_gives_the_same_meeting(meeting, edits, orders):
    name = f"agenda:{meeting.agenda.first().key}/note"
    sent = []
    for device, steps in enumerate(edits):
        text = "\n".join(LINES)
        for seq, (where, how) in enumerate(steps, 1):
            text = edited(text, where, how, f"dari {device} {seq}")
            write = Write(name, text, base=0, seq=seq)
            sent.append((device, UUID(int=device + 1), write))
    last = {device: write for device, _id, write in sent}
    ends = []
    for order in orders:
        arriving = list(sent)
        order.shuffle(arriving)
        with transaction.atomic():
            for device, id, write in arriving:
                by = meeting.writers[device]
                changes.apply(meeting, by=by, device=id, changes=[write])
            still = {change.id for change in meeting.changes.open_conflicts()}
            outcome = dict(Change.objects.values_list("id", "outcome"))
            for write in last.values():
                assert outcome[write.id] in ("applied", "same", "merged") or (
                    write.id in still
                )
            assert still <= {write.id for write in last.values()}
            ends.append((meeting.agenda.first().note, still))
            transaction.set_rollback(True)
    (one, beside), (other, beside_other) = ends
    if not beside and not beside_other:
        assert one == other
