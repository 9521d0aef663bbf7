"""The agenda's two levels, its order and clock, and what of it is only for officers."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from forum.followup import actions as followup
from forum.meetings import actions, changes
from forum.meetings.changes import Write
from forum.models import AgendaItem, Decision, Meeting
from forum.tests.make import make_agenda, make_body, make_meeting, make_ready_meeting
from leksono_portal.kit import dates, form_keys, papers
from leksono_portal.kit.models import Notification, StoredPaper

pytestmark = pytest.mark.django_db
TITLE, NOTE, TEXT, DISSENT = "Gaji Zulu", "Catatan Yankee", "Bunyi Xray", "Tolak Whisky"


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


@pytest.fixture
def meeting(cast, body):
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting, "A", "B", "C")
    return meeting


def numbers(meeting):
    return " ".join(map("{0.number}{0.title}".format, meeting.agenda.all()))


def below(meeting, title, by):
    parent = meeting.agenda.get(title=title)
    return actions.add_agenda_item(meeting, by=by, title=title.lower(), parent=parent)


def send(meeting, by, *cells):
    writes = [Write(f"agenda:{key}/{name}", value) for key, name, value in cells]
    answers = changes.apply(meeting, by=by, device=uuid4(), changes=writes)
    return [answer.change.reason for answer in answers]


def test_items_stand_on_two_levels_and_move_within_their_own(cast, meeting):
    by = cast.operator
    first, second = (below(meeting, "B", by) for _n in range(2))
    actions.save_agenda_item(second, by=by, version=1, title="bb")
    assert numbers(meeting) == "1A 2B 2.1b 2.2bb 3C"
    assert [item.position for item in meeting.agenda.all()] == [1, 2, 3, 4, 5]
    actions.move_agenda_item(second, by=by)
    assert numbers(meeting) == "1A 2B 2.1bb 2.2b 3C"
    for item in (second, first):  # the first of its level goes no higher, the last ...
        actions.move_agenda_item(item, by=by, down=item == first)
        assert numbers(meeting) == "1A 2B 2.1bb 2.2b 3C"
    actions.move_agenda_item(meeting.agenda.get(title="B"), by=by, down=True)
    assert numbers(meeting) == "1A 2C 3B 3.1bb 3.2b"
    actions.save_agenda_item(
        second, by=by, version=AgendaItem.objects.get(pk=second.pk).version, parent=None
    )
    assert numbers(meeting) == "1A 2C 3B 3.1b 4bb"


def test_an_item_with_sub_items_stays_and_stays_above(cast, meeting):
    by = cast.operator
    child = below(meeting, "B", by)
    a, b = (meeting.agenda.get(title=title) for title in "AB")
    refused = [
        ("sub-acara", lambda: actions.remove_agenda_item(b, by=by)),
        (
            "sub-acara",
            lambda: actions.save_agenda_item(b, by=by, version=b.version, parent=a),
        ),
        (
            "acara utama",
            lambda: actions.save_agenda_item(a, by=by, version=1, parent=child),
        ),
        (
            "tidak ada",
            lambda: actions.save_agenda_item(a, by=by, version=1, parent=a),
        ),
    ]
    for words, deed in refused:
        with pytest.raises(ValidationError, match=words):
            deed()
    assert numbers(meeting) == "1A 2B 2.1b 3C"
    actions.remove_agenda_item(child, by=by)
    actions.remove_agenda_item(b, by=by)
    assert numbers(meeting) == "1A 2C"


def test_one_batch_makes_and_takes_a_parent_with_its_child(cast, meeting):
    top, child = str(uuid4()), str(uuid4())
    made = [(child, "title", "b"), (top, "title", "B2"), (child, "parent", top)]
    assert send(meeting, cast.operator, *made) == ["", "", ""]
    assert numbers(meeting) == "1A 2B 3C 4B2 4.1b"
    gone = [(child, "removed", True), (top, "removed", True)]
    assert send(meeting, cast.operator, *gone) == ["", ""]
    # It comes back alone, since what it stood below is gone.
    assert send(meeting, cast.operator, (child, "removed", False)) == [""]
    assert numbers(meeting) == "1A 2B 3C 4b"
    for wrong in (0, "", False, True, 5, child):
        assert send(meeting, cast.operator, (child, "parent", wrong))[0]
    lacking = [(top, "removed", False), (str(uuid4()), "parent", child)]
    assert "Belum lengkap" in send(meeting, cast.operator, *lacking)[1]


@pytest.mark.parametrize("minutes", [0, 601, -5, True, "15"])
def test_planned_minutes_are_a_count_up_to_ten_hours(cast, meeting, minutes):
    key = str(meeting.agenda.first().key)
    assert send(meeting, cast.operator, (key, "minutes", minutes))[0]
    assert send(meeting, cast.operator, (key, "minutes", 600)) == [""]


def test_the_clock_of_an_item_runs_forward(cast, meeting):
    item = meeting.agenda.first()
    key, now = str(item.key), dates.now()
    late = (now + timedelta(minutes=20)).isoformat()
    for wrong in (late, "2026-11-25T09:00:00", "kemarin", 5):
        assert send(meeting, cast.operator, (key, "started", wrong))[0]
    early = (now - timedelta(minutes=3)).isoformat()
    assert "sebelum dimulai" in send(meeting, cast.operator, (key, "ended", early))[0]
    for started in (early, now.isoformat()):  # the last press holds, nobody is asked
        assert send(meeting, cast.operator, (key, "started", started)) == [""]
    item.refresh_from_db()
    assert item.started_at == now.replace(microsecond=0)


def test_the_database_holds_the_levels_too(cast, meeting, body, as_web_role):
    below(meeting, "B", cast.operator)
    other = make_meeting(body, cast.operator)
    make_agenda(other, "Lain")
    of = "(SELECT id FROM forum_agendaitem WHERE title = '{}')".format
    for one, above in (("A", "b"), ("B", "A"), ("A", "Lain"), ("A", "A")):
        sql = f"UPDATE forum_agendaitem SET parent_id = {of(above)} WHERE title = %s"
        with pytest.raises(DatabaseError, match="dua tingkat"), transaction.atomic():
            with as_web_role() as cursor:
                cursor.execute(sql, [one])


# What only officers read ---------------------------------------------------------------


@pytest.fixture(params=["item", "parent"])
def secret(request, cast, body):
    """A final meeting with a decision on an internal item, or on one below such."""
    meeting = make_ready_meeting(body, cast.operator)
    fields = {"title": TITLE, "note": NOTE, "planned_minutes": 15}
    if request.param == "item":
        fields["is_internal"] = True
    else:
        fields["parent"] = actions.add_agenda_item(
            meeting, by=cast.operator, title="Rahasia Victor", is_internal=True
        )
    item = actions.add_agenda_item(meeting, by=cast.operator, **fields)
    actions.add_decision(
        meeting, by=cast.operator, text=TEXT, dissent=DISSENT, agenda_item=item
    )
    followup.defer(item, by=cast.operator)
    meeting.refresh_from_db()
    meeting.item = item
    return meeting


def test_nobody_but_officers_reads_an_internal_item_anywhere(cast, secret, client):
    hidden = (TITLE, NOTE, TEXT, DISSENT, "Victor", "Zulu")
    announced = client.get(secret.get_absolute_url()).content.decode()
    assert "Acara internal" in announced and "Zulu" not in announced
    actions.finalise(secret, by=cast.operator, version=secret.version)
    for paper in StoredPaper.objects.all():
        assert not any(words in str(paper.content) for words in hidden)
        papers.render(paper.pk)
    said = secret.record.paper.content
    assert (said["agenda"][-1]["number"], said["agenda"][-1]["title"]) == (
        secret.item.number,
        "Acara internal",
    )
    assert said["decisions"][-1]["text"] == "Keputusan acara internal."
    pages = [
        secret.get_absolute_url(),
        "/",
        "/forum/",
        "/rapat/",
        "/rapat/data.csv",
        "/rapat/keputusan.csv",
        "/tindak-lanjut/",
        "/tindak-lanjut/data.csv",
        "/rapat/luring/",
        "/sw.js",
        f"/verifikasi/{secret.record.paper.code}/",
        cast.besani.get_absolute_url(),
    ]
    for reader in (None, cast.resident, cast.far_operator):
        if reader:
            client.force_login(reader)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            for words in hidden:
                assert words not in answer.getvalue().decode(), (page, words)
        assert "Prioritas" in client.get("/rapat/", {"q": "Prioritas"}).content.decode()
        assert "Prioritas" not in client.get("/rapat/", {"q": "Xray"}).content.decode()
    assert not any(
        words in str(vars(news))
        for news in Notification.objects.all()
        for words in hidden
    )
    client.force_login(cast.head)
    page = client.get(secret.get_absolute_url()).content.decode()
    assert all(words in page for words in (TITLE, NOTE, TEXT, DISSENT))
    assert "Zulu" not in page[page.index("wa.me") :].split('"')[0]


def test_what_was_decided_internally_does_not_become_a_public_project(cast, secret):
    actions.finalise(secret, by=cast.operator, version=secret.version)
    decision = Decision.objects.get(text=TEXT)
    with pytest.raises(PermissionDenied, match="internal"):
        actions.check_makes_projects(decision, cast.operator)
    assert list(Decision.objects.visible_to(cast.far_operator)) != []
    assert decision not in Decision.objects.visible_to(cast.far_operator)
    assert decision in Decision.objects.visible_to(cast.head)


def test_an_internal_item_stays_internal_on_the_next_agenda(cast, body, secret):
    actions.finalise(secret, by=cast.operator, version=secret.version)
    coming = dates.now() + timedelta(days=3)
    following = actions.call_meeting(
        by=cast.operator, body=body, title="Berikut", place="Balai", starts_at=coming
    )
    [item] = following.agenda.all()
    assert (item.title, item.is_internal, item.planned_minutes) == (TITLE, True, 15)
    later = make_meeting(body, cast.operator, starts_at=coming, ends_at=None)
    copy = followup.copy(item, by=cast.operator, target=later)
    assert copy.is_internal
    assert followup.move(item, by=cast.operator, target=later).is_internal


# In the room ---------------------------------------------------------------------------


def test_beginning_an_item_ends_the_one_before_but_not_what_it_stands_below(
    cast, meeting, monkeypatch, client
):
    by, nine = cast.operator, dates.midnight() + timedelta(hours=9)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=nine, ends_at=None)
    a, b, c = meeting.agenda.all()
    child = below(meeting, "B", by)
    for item, minutes in ((a, 15), (child, 20)):
        actions.save_agenda_item(item, by=by, version=1, planned_minutes=minutes)

    def clock(minutes):
        monkeypatch.setattr(dates, "now", lambda: nine + timedelta(minutes=minutes))

    client.force_login(by)
    for minutes, item, ends in (
        (5, a, False),
        (6, a, False),  # a second press
        (25, b, False),
        (30, child, False),
        (40, b, True),
        (41, b, True),
        (42, c, True),  # it has not begun
    ):
        clock(minutes)
        verb = "selesai" if ends else "mulai"
        address = f"/rapat/{meeting.pk}/acara/{item.pk}/{verb}/"
        sent = {"form_key": form_keys.new_key(by)}
        assert client.post(address, sent).status_code == 302
    ran = [
        (i.started_at, i.ended_at)
        and (i.number, i.ran_minutes if i.started_at else None)
        for i in meeting.agenda.all()
    ]
    assert ran == [("1", 20), ("2", 15), ("2.1", 12), ("3", None)]
    assert [i.is_running for i in meeting.agenda.all()] == [False, False, True, False]
    page = client.get(f"/rapat/{meeting.pk}/catat/").content.decode()
    # 35 minutes are planned; at 09.42 eight of them are left.
    assert "Rencana selesai 09.35 WIB. Pukul 09.42 WIB: 15 menit di belakang." in page
    assert "direncanakan 15 menit, " in page and "berjalan 20 menit" in page
    assert "mulai 09.30" in page


def test_the_room_moves_and_notes_without_script(cast, meeting, client):
    client.force_login(cast.operator)
    child = below(meeting, "B", cast.operator)
    actions.save_agenda_item(
        child, by=cast.operator, version=1, is_internal=True, planned_minutes=5
    )
    page = client.get(reverse("forum:meeting-log", args=[meeting.pk])).content.decode()
    forms = dict(re.findall(r'<form[^>]*action="([^"]*)">(.*?)</form>', page, re.S))
    pressed = re.search(r'<form[^>]*id="tekan">(.*?)</form>', page)[1]
    buttons = re.findall(r'form="tekan" formaction="([^"]*)"', page)
    ends = {"naik": "BC", "turun": "AB"}  # the one below B has neither
    for verb, titles in ends.items():
        moved = [address for address in buttons if f"/{verb}/" in address]
        assert [address.split("/")[-3] for address in moved] == [
            str(meeting.agenda.get(title=title).pk) for title in titles
        ]
    notes = reverse("forum:notes-save", args=[meeting.pk])
    forms[moved[0]] = pressed
    for address, typed in ((notes, {f"note-{child.pk}": "Baru"}), (moved[0], {})):
        hidden = re.findall(
            r'type="hidden" name="(\w+)" value="([^"]*)"', forms[address]
        )
        assert client.post(address, dict(hidden) | typed).status_code == 302
    child.refresh_from_db()
    assert (child.note, child.is_internal, child.planned_minutes) == ("Baru", True, 5)
    assert numbers(meeting) == "1B 1.1b 2A 3C"
