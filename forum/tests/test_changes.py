"""The one way of writing into a meeting, and its JSON."""

import json
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forum.meetings import actions, changes
from forum.meetings.changes import Write
from forum.meetings.merge import merge
from forum.models import Change
from forum.tests.make import (
    finalised_meeting,
    make_action_item,
    make_agenda,
    make_ballot,
    make_body,
    make_conflict,
    make_electors,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from forum.voting import actions as voting
from leksono_portal.kit import form_keys
from leksono_portal.kit.errors import Stale

NOWHERE = "6f1d0c6e-0000-4000-8000-000000000000"  # the key of no part

LINES = "Pembukaan\nLaporan\nPenutup"


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    return make_meeting(body, cast.operator)


@pytest.fixture
def item(meeting):
    return make_agenda(meeting, "Bobot")[0]


def note_of(item):
    return f"agenda:{item.key}/note"


class Device:
    """One browser: it counts its changes and sends them as it is told."""

    def __init__(self, meeting, by):
        self.meeting, self.by = meeting, by
        self.id, self.seq = uuid4(), 0

    def write(self, cell, value, base=0, **more):
        self.seq += 1
        return Write(cell, value, base=base, seq=self.seq, **more)

    def send(self, *writes):
        answers = changes.apply(
            self.meeting, by=self.by, device=self.id, changes=writes
        )
        return [answer.change for answer in answers]

    def type(self, cell, value, base=0, **more):
        [change] = self.send(self.write(cell, value, base, **more))
        return change


@pytest.fixture
def first(cast, meeting):
    return Device(meeting, cast.operator)


@pytest.fixture
def second(cast, meeting):
    return Device(meeting, cast.other_operator)


def outcomes(*changed):
    return [str(change.outcome) for change in changed]


def stored(item):
    item.refresh_from_db()
    return item.note


# Merging -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("A\nLaporan\nPenutup", "Pembukaan\nLaporan\nC", "A\nLaporan\nC"),
        ("Awal\n" + LINES, LINES + "\nAkhir", f"Awal\n{LINES}\nAkhir"),
        ("Pembukaan\nPenutup", LINES, "Pembukaan\nPenutup"),
        ("A\nLaporan\nPenutup", "A\nLaporan\nPenutup", "A\nLaporan\nPenutup"),
        ("A\nLaporan\nPenutup", "B\nLaporan\nPenutup", None),
        ("Pembukaan\nA\nPenutup", "Pembukaan\nLaporan\nC", None),
        (LINES + "\nA", LINES + "\nB", None),
    ],
)
def test_edits_that_keep_away_from_each_other_are_merged(one, other, both):
    assert merge(LINES, one, other) == both
    assert merge(LINES, other, one) == both


def test_texts_of_very_many_lines_are_left_to_people():
    assert merge("\n" * 2000, "a" + "\n" * 2000, "\n" * 2000 + "b") is None


# Applying ----------------------------------------------------------------------------


def test_a_change_takes_effect_once_however_often_it_is_sent(first, item):
    write = first.write(note_of(item), "Satu")
    again = [first.send(write)[0] for _ in range(3)]
    assert outcomes(*again) == ["applied"] * 3
    assert Change.objects.count() == 1
    assert (stored(item), item.version) == ("Satu", 2)
    item.meeting.refresh_from_db()
    assert item.meeting.version == 2


def test_the_later_text_of_a_device_holds_in_any_order(first, item):
    older, newer = (first.write(note_of(item), text) for text in ("Ma", "Mak"))
    assert outcomes(*first.send(newer, older)) == ["applied", "superseded"]
    assert stored(item) == "Mak"


def test_what_two_wrote_apart_is_merged(first, second, item):
    first.type(note_of(item), LINES)
    second.type(note_of(item), LINES.replace("Pembukaan", "Doa"), base=1)
    change = first.type(note_of(item), f"{LINES} pukul 12", base=1)
    assert outcomes(change) == ["merged"]
    assert stored(item) == "Doa\nLaporan\nPenutup pukul 12"


def test_what_cannot_be_merged_stands_beside_it_until_someone_chooses(
    first, second, item
):
    first.type(note_of(item), "Setuju")
    other = second.type(note_of(item), "Menolak")
    assert outcomes(other) == ["conflict"]
    assert stored(item) == "Setuju"
    assert list(Change.objects.open_conflicts()) == [other]
    chosen = first.type(
        note_of(item), "Setuju dengan catatan", base=1, resolves=other.pk
    )
    assert (chosen.outcome, chosen.resolves_id) == ("applied", other.pk)
    assert not Change.objects.open_conflicts()


def test_more_typed_on_top_of_an_open_text_takes_its_place(first, second, item):
    first.type(note_of(item), "Setuju")
    second.type(note_of(item), "Meno")
    more = second.type(note_of(item), "Menolak")
    assert list(Change.objects.open_conflicts()) == [more]


def test_equal_texts_are_one(first, second, item):
    first.type(note_of(item), "Setuju")
    assert outcomes(second.type(note_of(item), "Setuju")) == ["same"]
    # ... and who wrote the same goes on from there.
    assert outcomes(second.type(note_of(item), "Setuju semua")) == ["applied"]


@pytest.mark.parametrize(
    ("kind", "within", "value", "sentence"),
    [
        ("agenda", "note", "x" * 20001, "20000 karakter"),
        ("agenda", "note", "a\x00b", "Karakter null"),
        ("agenda", "note", 3, "tidak terbaca"),
        ("agenda", "title", " ", "tidak boleh kosong"),
        ("agenda", "above", NOWHERE, "tidak ada"),
        ("participant", "village", "tracap", "bukan anggota"),
        ("participant", "village", None, "Pilih desanya"),
        ("participant", "sex", "X", "bukan pilihan"),
        ("participant", "present", None, "tidak terbaca"),
        ("decision", "method", "vote", "Pemungutan suara"),
        ("decision", "for", 3, "Mufakat tidak menghitung"),
        ("decision", "for", 10**30, "lebih kecil"),
        ("decision", "agenda", NOWHERE, "tidak ada"),
        ("action", "due", "2020-01-01", "sebelum rapat"),
        ("action", "due", "besok", "tanggal"),
        ("action", "due", None, ""),
        ("action", "done", True, "tidak mengenal"),
        ("agenda", "removed", True, ""),
    ],
)
def test_what_a_cell_does_not_take_is_refused_and_kept_in_the_log(
    cast, kind, within, value, sentence
):
    body = make_body(cast.district, cast.besani)
    meeting = make_ready_meeting(body, cast.operator)
    meeting.agenda.update(note="Ada")
    make_action_item(meeting, cast.besani)
    part = {
        "agenda": meeting.agenda,
        "participant": meeting.participants,
        "decision": meeting.decisions,
        "action": meeting.action_items,
    }[kind].last()
    device = Device(meeting, cast.operator)
    change = device.type(f"{kind}:{part.key}/{within}", value)
    assert change.outcome == "refused" and sentence in change.reason
    kept = Change.objects.get().value
    assert kept == (value.replace("\x00", "") if isinstance(value, str) else value)
    meeting.refresh_from_db()
    assert meeting.version == 1


def test_votes_are_judged_together_against_their_ballot(cast, first, meeting):
    make_electors(meeting, cast.besani, cast.timbang)
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
    key, vote = ballot.key, {"text": "Pipa", "method": "vote", "against": 0}

    def send(votes):
        cells = vote | {"for": votes, "abstain": 0}
        return first.send(
            *(first.write(f"decision:{key}/{k}", v) for k, v in cells.items())
        )

    assert set(outcomes(*send(2))) == {"refused"}
    voting.confirm(ballot, by=cast.other_operator, version=2)
    assert set(outcomes(*send(1))) == {"refused"}
    assert "refused" not in outcomes(*send(2))
    assert meeting.decisions.get().votes_for == 2
    for within, value in (("for", 1), ("method", "consensus")):
        change = first.type(f"decision:{key}/{within}", value, base=1)
        assert change.outcome == "refused"


def test_a_part_begins_whole_goes_and_comes_back(first, meeting):
    key = uuid4()
    task, due = f"action:{key}/task", f"action:{key}/due"
    assert outcomes(first.type(task, "Ukur")) == ["refused"]
    first.send(first.write(task, "Ukur"), first.write(due, "2099-01-01"))
    assert meeting.action_items.get().task == "Ukur"
    first.type(f"action:{key}/removed", True)
    assert not meeting.action_items.exists()
    assert outcomes(first.type(task, "Ukur ulang", base=1)) == ["refused"]
    first.type(f"action:{key}/removed", False, base=1)
    back = meeting.action_items.get()
    assert (back.task, back.due_on.isoformat(), back.key) == ("Ukur", "2099-01-01", key)


def test_only_the_last_decision_goes(first, meeting):
    keys = [uuid4(), uuid4()]
    for key in keys:
        first.type(f"decision:{key}/text", "Putus")
    assert outcomes(first.type(f"decision:{keys[0]}/removed", True)) == ["refused"]
    assert outcomes(first.type(f"decision:{keys[1]}/removed", True)) == ["applied"]


def test_a_part_is_put_above_another(first, meeting):
    a, b, c = make_agenda(meeting, "A", "B", "C")
    first.type(f"agenda:{c.key}/above", str(a.key))
    first.type(f"agenda:{a.key}/above", None)
    assert [item.title for item in meeting.agenda.all()] == ["C", "B", "A"]


def test_a_change_of_another_meeting_is_not_answered_here(cast, first, item):
    write = first.write(note_of(item), "Rahasia")
    first.send(write)
    other = make_meeting(item.meeting.body, cast.operator)
    [answer] = changes.apply(other, by=cast.operator, device=first.id, changes=[write])
    assert answer.change.outcome == "refused" and answer.value is None
    assert not other.changes.exists()


def test_a_final_meeting_keeps_what_came_late_in_its_log_alone(cast):
    body = make_body(cast.district, cast.besani)
    meeting = finalised_meeting(body, cast.operator)
    late = Device(meeting, cast.operator).type(
        note_of(meeting.agenda.first()), "Terlambat"
    )
    assert late.outcome == "refused" and "final" in late.reason
    assert Change.objects.get().value == "Terlambat"
    assert not meeting.agenda.exclude(note="").exists()


def test_an_open_conflict_holds_the_record_up(cast):
    meeting = make_ready_meeting(make_body(cast.district, cast.besani), cast.operator)
    make_conflict(meeting.agenda.first(), "note", cast.operator, cast.sekcam)
    with pytest.raises(ValidationError, match="bertentangan"):
        actions.finalise(meeting, by=cast.operator, version=2)


def test_a_batch_asks_as_often_as_one_change(first, meeting):
    items = make_agenda(meeting, *"ABCDEFGHIJ")

    def queries(*cells):
        with CaptureQueriesContext(connection) as found:
            first.send(*(first.write(cell, str(uuid4()), base=9) for cell in cells))
        return len(found)

    names = [note_of(item) for item in items]
    first.send(*(first.write(name, "A") for name in names))
    few = queries(names[0])
    # One UPDATE a row, and nothing else.
    assert queries(*names) <= few + 2 * 9


# The form that is late ----------------------------------------------------------------


def test_a_late_form_is_merged_where_lines_allow(cast, meeting, item):
    actions.save_agenda_item(item, by=cast.operator, version=1, note=LINES)
    actions.save_agenda_item(
        item, by=cast.operator, version=2, note=LINES.replace("Pembukaan", "Doa")
    )
    saved = actions.save_agenda_item(
        item,
        by=cast.other_operator,
        version=2,
        title="Bobot",
        note=LINES.replace("\n", "\r\n") + " pukul 12",
    )
    assert saved.note == "Doa\nLaporan\nPenutup pukul 12"
    assert saved.version == 4


def test_a_late_form_that_touches_is_kept_beside_and_settled_by_a_knowing_one(
    cast, meeting, item
):
    actions.save_agenda_item(item, by=cast.operator, version=1, note="Satu")
    with pytest.raises(Stale) as error:
        actions.save_agenda_item(
            item, by=cast.other_operator, version=1, title="Nama", note="Dua"
        )
    assert error.value.by == cast.operator.name
    item.refresh_from_db()
    assert (item.title, item.note) == ("Nama", "Satu")
    assert Change.objects.open_conflicts().get().value == "Dua"
    actions.save_agenda_item(
        item, by=cast.other_operator, version=item.version, note="Satu dan dua"
    )
    assert not Change.objects.open_conflicts()


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ("current", "Menurut operator.besani"),
        ("other", "Menurut sekcam"),
        ("third", "Ya"),
    ],
)
def test_someone_chooses_on_a_page_without_script(
    cast, client, meeting, item, choice, kept
):
    conflict = make_conflict(item, "note", cast.operator, cast.sekcam)
    client.force_login(cast.other_operator)
    room = client.get(f"/rapat/{meeting.pk}/catat/").content.decode()
    address = f"/rapat/{meeting.pk}/pertentangan/{conflict.pk}/"
    assert address in room and "Menurut sekcam" in room
    assert "Menurut operator" in client.get(address).content.decode()
    sent = {"choice": choice, "text": "Ya", "version": 1}
    key = {"form_key": form_keys.new_key(cast.other_operator)}
    assert client.post(address, sent | key).status_code == 302
    assert stored(item) == kept
    assert not Change.objects.open_conflicts()
    assert client.get(address).status_code == 302


def test_a_mark_is_chosen_too_but_has_no_third(cast, client, meeting, first):
    person = make_participant(meeting, cast.besani, present=False)
    cell = f"participant:{person.key}/present"
    for value in (True, False):
        first.type(cell, value, base=first.seq)
    late = Device(meeting, cast.sekcam).type(cell, True, base=1)
    client.force_login(cast.operator)
    address = f"/rapat/{meeting.pk}/pertentangan/{late.pk}/"
    assert "Tulisan ketiga" not in client.get(address).content.decode()
    sent = {"choice": "other", "version": 2}
    sent["form_key"] = form_keys.new_key(cast.operator)
    assert client.post(address, sent).status_code == 302
    person.refresh_from_db()
    assert person.present


# JSON ---------------------------------------------------------------------------------


@pytest.fixture
def ask(cast, client, meeting):
    client.force_login(cast.operator)
    address = f"/rapat/{meeting.pk}/perubahan/"

    def send(body=None, **query):
        if body is None:
            return client.get(address, query)
        if not isinstance(body, str):
            body = json.dumps(body)
        return client.post(address, body, content_type="application/json")

    return send


def as_json(**more):
    change = {"id": str(uuid4()), "cell": "x", "value": "y", "base": 0, "seq": 1} | more
    return {"device": str(uuid4()), "changes": [change]}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        {"device": "x", "changes": []},
        {"device": str(uuid4()), "changes": []},
        {"device": str(uuid4()), "changes": [1]},
        {"device": str(uuid4()), "changes": as_json()["changes"] * 201},
        as_json(id="x"),
        as_json(cell="x" * 81),
        as_json(cell=""),
        as_json(cell="\ud800"),
        as_json(value=[]),
        as_json(value=1.5),
        as_json(value=float("nan")),
        as_json(base=-1),
        as_json(base=True),
        as_json(seq=2**63),
        as_json(seq="1"),
        as_json(typed_at="kemarin", resolves=3),
        as_json(typed_at="2026-01-01T10:00:00"),
        as_json(typed_at="2026-13-01T10:00:00Z"),
    ],
)
def test_what_no_page_of_ours_sends_is_400_with_a_sentence(ask, body):
    answer = ask(body)
    assert answer.status_code == 400
    assert "tidak terbaca" in answer.json()["refused"]
    assert not Change.objects.exists()


def test_too_much_at_once_is_413(ask):
    answer = ask(as_json(value="x" * 300_000))
    assert answer.status_code == 413 and "256 KB" in answer.json()["refused"]


def test_odd_signs_are_words_like_others(ask, item):
    odd = "ꦧꦼꦱ 😀\u202e<b>&amp;\"'%s#$"
    [answer] = ask(as_json(cell=note_of(item), value=odd)).json()["answers"]
    assert (answer["outcome"], answer["value"], stored(item)) == ("applied", odd, odd)
    [answer] = ask(as_json(cell=note_of(item), value="a\ud800", base=1)).json()[
        "answers"
    ]
    assert answer["outcome"] == "refused"


def test_others_hear_what_is_new_and_only_that(ask, first, item):
    for text in ("Satu", "Satu dua"):
        first.type(note_of(item), text)
    new = ask(sejak="1").json()
    assert [c["value"] for c in new["changes"]] == ["Satu dua"]
    assert (new["number"], new["more"], new["final"]) == (2, False, False)
    state = ask(sejak="semua").json()
    assert state["cells"][note_of(item)]["version"] == 2
    assert ask(sejak="x").status_code == ask().status_code == 400
    assert ask(sejak="0")["Cache-Control"].count("no-store") == 1


def test_the_state_is_asked_for_in_as_many_queries_for_many_cells(ask, first, meeting):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert ask(sejak="semua").status_code == 200
        return len(found)

    for item in make_agenda(meeting, "A"):
        first.type(note_of(item), "x")
    few = queries()
    for item in make_agenda(meeting, *"BCDEFGH"):
        first.type(note_of(item), "x")
    assert queries() == few
