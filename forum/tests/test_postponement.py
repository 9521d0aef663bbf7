"""What is done for want of a quorum, and meetings that are typed in from paper."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from forum.meetings import actions
from forum.models import Meeting, Postponement
from forum.tests.make import (
    make_agenda,
    make_body,
    make_delay,
    make_meeting,
    make_participant,
)
from forum.tests.test_races import at_once
from leksono_portal.kit import dates, papers
from leksono_portal.kit.models import Notification

NOON = dates.midnight() + timedelta(hours=12)
HOUR = timedelta(hours=1)


@pytest.fixture
def noon(monkeypatch):
    """It is 12.00 WIB; `noon(hours)` goes on."""

    def go(hours):
        monkeypatch.setattr(dates, "now", lambda: NOON + hours * HOUR)

    go(0)
    return go


@pytest.fixture
def meeting(cast, noon):
    """Begun at 11.00, with one of three villages and one of three delegates there."""
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_meeting(
        body, cast.operator, starts_at=NOON - HOUR, ends_at=NOON + HOUR
    )
    make_agenda(meeting, "A", "B")
    actions.add_agenda_item(
        meeting,
        by=cast.operator,
        title="b",
        note="Catatan",
        parent=meeting.agenda.last(),
        planned_minutes=20,
    )
    for village in (cast.besani, cast.timbang, cast.leksono):
        make_participant(meeting, village, present=village == cast.besani, phone="08")
    return meeting


def postpone(meeting, by, hours=1.0):
    return actions.postpone(meeting, by=by, until=NOON + hours * HOUR)


def second(meeting, by, days=1):
    return actions.call_second(
        meeting, by=by, starts_at=NOON + timedelta(days=days), place="Balai"
    )


def refused(words, deed, *args):
    with pytest.raises(ValidationError) as error, transaction.atomic():
        deed(*args)
    assert words in " ".join(error.value.messages)


def test_a_meeting_without_quorum_is_postponed_once_by_three_hours_at_most(
    cast, meeting, noon
):
    by = cast.operator
    refused("Paling lama 3 jam", postpone, meeting, by, 3.1)
    refused("sudah lewat", postpone, meeting, by, 0)
    refused("Tunda dahulu", second, meeting, by)
    version = meeting.version
    row = postpone(meeting, by, 3)
    assert (row.present_delegates, row.present_villages, row.by) == (1, 1, by)
    assert Meeting.objects.get(pk=meeting.pk).version == version + 2  # an item, this
    refused("sudah ditunda", postpone, meeting, by, 1)
    refused("belum habis", second, meeting, by)
    refused(
        "waktunya tetap",
        lambda: actions.edit_meeting(
            meeting, by=by, version=1, starts_at=NOON + 5 * HOUR
        ),
    )


def test_only_a_meeting_of_today_that_lacks_its_quorum_is_postponed(
    cast, meeting, noon
):
    def of(**fields):
        Meeting.objects.filter(pk=meeting.pk).update(**fields)

    of(starts_at=NOON + HOUR / 2)
    refused("belum dimulai", postpone, meeting, cast.operator)
    of(starts_at=NOON - 24 * HOUR)
    refused("hari ini", postpone, meeting, cast.operator)
    of(starts_at=NOON - HOUR, logged_from_paper=True)
    refused("dari kertas", postpone, meeting, cast.operator)
    of(logged_from_paper=False)
    meeting.participants.update(present=True)
    refused("Kuorum tercapai", postpone, meeting, cast.operator)
    with pytest.raises(PermissionDenied):
        postpone(meeting, cast.resident)
    meeting.refresh_from_db()
    actions.finalise(meeting, by=cast.operator, version=meeting.version)
    with pytest.raises(PermissionDenied, match="final"):
        postpone(meeting, cast.operator)


def test_the_second_meeting_goes_ahead_with_whoever_comes(cast, meeting, noon):
    by = cast.operator
    postpone(meeting, by, 1)
    noon(1.5)
    refused("paling lambat", second, meeting, by, 4)
    refused("sudah lewat", second, meeting, by, 0)
    after = second(meeting, by, 3)
    assert (after.second_of, after.title, after.place) == (
        meeting,
        meeting.title,
        "Balai",
    )
    assert after.ends_at - after.starts_at == 2 * HOUR
    assert [
        (i.number, i.title, i.note, i.planned_minutes) for i in after.agenda.all()
    ] == [("1", "A", "", None), ("2", "B", "", None), ("2.1", "b", "", 20)]
    assert [(p.village, p.present, p.phone) for p in after.participants.all()] == [
        (p.village, False, "08") for p in meeting.participants.all()
    ]
    told = Notification.objects.filter(user_id=cast.head.pk, event__contains="called")
    assert told.count() == 1
    refused("sudah dijadwalkan", second, meeting, by)
    day = after.starts_at + timedelta(days=1)
    refused(
        "paling lambat",
        lambda: actions.edit_meeting(after, by=by, version=1, starts_at=day),
    )
    noon(24 * 3 + 1)
    refused("tanpa syarat kuorum", postpone, after, by, 73.5)
    after.participants.filter(village=cast.besani).update(present=True)
    after.refresh_from_db()
    said = actions.finalise(after, by=by, version=after.version).paper.content
    assert said["held"] and said["attendance"]["exempt"]
    assert said["second_of"] == dates.format_date(meeting.starts_at)


def test_the_first_is_closed_as_not_held_and_its_paper_says_so(cast, meeting, noon):
    by = cast.operator
    postpone(meeting, by, 1)
    noon(1.5)
    second(meeting, by)
    meeting.participants.update(present=False)
    decision = actions.add_decision(meeting, by=by, text="Tidak sah")
    meeting.refresh_from_db()
    refused(
        "tidak mengambil keputusan",
        lambda: actions.finalise(meeting, by=by, version=meeting.version),
    )
    actions.remove_decision(decision, by=by)
    meeting.refresh_from_db()
    record = actions.finalise(meeting, by=by, version=meeting.version)
    said = record.paper.content
    assert not said["held"]
    delayed, called = said["postponed"]
    assert "12.00 WIB hadir 1 wakil dari 1 desa" in delayed and "13.00 WIB" in delayed
    assert "rapat kedua ditetapkan" in called
    papers.render(record.paper.pk)
    record.paper.refresh_from_db()
    assert bytes(record.paper.pdf).startswith(b"%PDF")


def test_the_room_offers_each_step_when_it_is_its_turn(cast, meeting, noon, client):
    client.force_login(cast.operator)

    def offered():
        page = client.get(f"/rapat/{meeting.pk}/catat/").content.decode()
        steps = [
            verb
            for verb in ("tunda", "rapat-kedua")
            if f"/{meeting.pk}/{verb}/" in page
        ]
        return steps, page

    steps, page = offered()
    assert steps == ["tunda"]
    assert "Wakil desa 1 dari 2 yang perlu, desa 1 dari 2 yang perlu" in page
    make_delay(meeting)
    steps, page = offered()
    assert steps == ["rapat-kedua"] and "ditunda sampai 11.00" in page
    for page in (f"/rapat/{meeting.pk}/tunda/", f"/rapat/{meeting.pk}/catat/"):
        assert client.get(page).status_code in (200, 302)
    meeting.participants.update(present=True)
    assert offered()[0] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["delay", "second"])
def test_two_who_press_at_once_postpone_once(cast, meeting, noon, step):
    deed = postpone
    if step == "second":
        make_delay(meeting)
        deed = second

    def press(by):
        return lambda: deed(meeting, by)

    outcomes = at_once(press(cast.operator), press(cast.other_operator))
    refusals = [o for o in outcomes if isinstance(o, ValidationError)]
    assert len(refusals) == 1, outcomes
    assert Postponement.objects.filter(kind=step).count() == 1
    assert Meeting.objects.filter(second_of=meeting).count() == (step == "second")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE forum_postponement SET until = until + interval '1 minute'",
        "DELETE FROM forum_postponement",
        "UPDATE forum_meeting SET second_of_id = id",
        "INSERT INTO forum_postponement (meeting_id, kind, at, until, by_id,"
        " present_delegates, present_villages) SELECT meeting_id, kind, at, until,"
        " by_id, 0, 0 FROM forum_postponement",
        "INSERT INTO forum_postponement (meeting_id, kind, at, until, by_id,"
        " present_delegates, present_villages) SELECT id, 'delay', now(),"
        " now() + interval '181 minutes', created_by_id, 0, 0 FROM forum_meeting",
        "INSERT INTO forum_meeting (body_id, kind, title, starts_at, place, version,"
        " heading_version, created_by_id, created_at, updated_by_id, updated_at,"
        " second_of_id) SELECT body_id, kind, title, now(), place, 1, 1, created_by_id,"
        " now(), updated_by_id, now(), id FROM forum_meeting",
    ],
)
def test_the_database_keeps_what_was_postponed(cast, meeting, as_web_role, sql):
    make_delay(meeting)
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(sql)


# From paper ----------------------------------------------------------------------------


def test_a_past_meeting_is_logged_from_paper_and_says_so(cast, meeting, noon, client):
    client.force_login(cast.operator)
    page = client.get("/rapat/baru/").content.decode()
    assert "Dicatat dari kertas" in page
    day = dates.today() - timedelta(days=9)
    fields = {"body": meeting.body, "title": "Lalu", "place": "Balai"}
    past = actions.call_meeting(
        by=cast.operator,
        starts_at=NOON - timedelta(days=9),
        ends_at=NOON - timedelta(days=9) + HOUR,
        chair=cast.operator,
        secretary=cast.operator,
        **fields,
    )
    assert past.logged_from_paper and dates.to_date(past.starts_at) == day
    today = actions.call_meeting(by=cast.operator, starts_at=NOON - HOUR, **fields)
    assert not today.logged_from_paper
    assert not Notification.objects.exists()
    typed = dates.format_date(past.created_at)
    for address in (past.get_absolute_url(), f"/rapat/{past.pk}/catat/"):
        page = client.get(address).content.decode()
        assert f"Dicatat dari kertas, {typed}" in page
        assert f"/{past.pk}/tunda/" not in page
    refused(
        "sudah berlangsung",
        lambda: actions.edit_meeting(
            past, by=cast.operator, version=1, starts_at=NOON + HOUR
        ),
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Meeting.objects.filter(pk=past.pk).update(ends_at=NOON - timedelta(days=10))
    make_agenda(past)
    make_participant(past, cast.besani)
    past.refresh_from_db()
    record = actions.finalise(past, by=cast.operator, version=past.version)
    assert record.paper.content["logged_from_paper"] == typed
    content = dict(record.paper.content)
    for key in ("held", "postponed", "second_of", "logged_from_paper"):
        del content[key]
    content["agenda"] = [{"title": "Lama", "note": ""}]
    assert papers.typeset("forum/meetings/berita_acara.typ", content, NOON)
