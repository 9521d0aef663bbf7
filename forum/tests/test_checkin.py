"""Who says at the venue that they are there, and who cannot."""

import time
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from forum.checkin import actions
from forum.meetings import actions as meetings
from forum.models import Body, Change, CheckIn, Participant
from forum.tests.make import at, make_body, make_meeting, make_participant
from forum.tests.make import make_ready_meeting as ready
from leksono_portal.kit import dates, form_keys
from leksono_portal.kit.tests.threads import at_once
from villages.models import Office
from villages.people.models import Post
from villages.tests.make import make_officer

NOON = at(dates.today(), 12)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    """Today at twelve, for the portal; codes age by the real clock."""
    with patch.object(timezone, "now", return_value=NOON):
        yield


def today(cast, **overrides):
    """From ten to two today; the operator writes it."""
    body = Body.objects.first() or make_body(cast.district, cast.besani, cast.timbang)
    hours = {"starts_at": at(dates.today(), 10), "ends_at": at(dates.today(), 14)}
    return make_meeting(body, cast.operator, **hours | overrides)


@pytest.fixture
def meeting(cast):
    return today(cast)


def code_of(meeting, by, seconds_old=0):
    made = time.time() - seconds_old
    with patch.object(signing.time, "time", return_value=made):
        return actions.make_code(meeting, by=by)


@pytest.fixture
def tap(client, cast):
    """Open the link as `who` and press the button; the last page's words."""

    def press(meeting, who, code=None, **fields):
        client.force_login(who)
        code = code or code_of(meeting, cast.operator)
        address = f"/rapat/{meeting.pk}/kehadiran/{code}/"
        opened = client.get(address, follow=True).content.decode()
        key = {form_keys.FIELD: form_keys.new_key(who)}
        page = client.post(address, fields | key, follow=True)
        press.opened = opened
        return page.content.decode()

    return press


def test_the_screen_shows_a_new_code_every_minute_and_no_cache_keeps_it(
    client, cast, meeting
):
    client.force_login(cast.operator)
    response = client.get(f"/rapat/{meeting.pk}/kehadiran/")
    assert response["Refresh"] == "60" and "no-store" in response["Cache-Control"]
    assert "<svg" in response.content.decode()


def test_who_is_on_the_list_is_marked_present_in_their_own_row(cast, meeting, tap):
    make_participant(meeting, cast.besani, name="Wakil lain", present=False)
    row = make_participant(
        meeting, cast.besani, name="Seseorang", post="Kades", present=False
    )
    page = tap(meeting, cast.head)
    assert "Di daftar hadir Anda nomor 2: Seseorang, Kades, Desa Besani." in tap.opened
    assert "Anda tercatat hadir" in page
    row.refresh_from_db()
    assert (row.present, row.user) == (True, cast.head)
    done = CheckIn.objects.get()
    assert (done.participant_key, done.user) == (row.key, cast.head)
    # Written in the name of who shows the code, through the log of the meeting.
    change = Change.objects.get()
    assert (change.author, change.cell) == (
        cast.operator,
        f"participant:{row.key}/present",
    )


def test_an_official_who_was_not_invited_comes_onto_the_list(cast, meeting, tap):
    page = tap(meeting, cast.other_operator)
    assert "Anda belum di daftar hadir" in page and not CheckIn.objects.exists()
    tap(meeting, cast.other_operator, sex="P")
    person = Participant.objects.get()
    assert (person.name, person.post, person.sex, person.village, person.present) == (
        cast.other_operator.name,
        "Operator",
        "P",
        cast.timbang,
        True,
    )


def test_one_post_held_by_two_on_the_list_is_nobodys(cast, meeting, tap):
    for name in ("BPD satu", "BPD dua"):
        make_participant(meeting, cast.besani, name=name, post="BPD", present=False)
    member = make_officer("bpd.besani", Post.COUNCIL, cast.besani)
    tap(meeting, member, sex="L")
    assert Participant.objects.filter(present=True).get().name == member.name


def test_each_person_once_also_when_the_writer_took_the_tick_away(cast, meeting, tap):
    make_participant(meeting, cast.besani, post="Kepala Desa", present=False)
    tap(meeting, cast.head)
    person = Participant.objects.get()
    meetings.save_attendance(meeting, by=cast.operator, was={person.pk}, now=set())
    assert "Anda sudah menyatakan hadir pukul" in tap(meeting, cast.head)
    person.refresh_from_db()
    assert (person.present, CheckIn.objects.count()) == (False, 1)


def test_a_row_taken_by_one_is_not_taken_by_another(cast, meeting):
    row = make_participant(meeting, cast.besani, post="Kepala Desa", present=False)
    code = code_of(meeting, cast.operator)
    actions.check_in(meeting, by=cast.head, code=code)
    second = make_officer("plt.besani", Post.VILLAGE_HEAD, cast.besani)
    Participant.objects.filter(pk=row.pk).update(user=None)
    assert actions.place_of(meeting, second).person is None


def test_a_code_that_does_not_hold_gets_a_sentence(cast, meeting, tap):
    other = today(cast, title="Lain")
    fresh = code_of(meeting, cast.operator)
    forged = signing.TimestampSigner(key="y", salt="forum.checkin")
    stranger = code_of(meeting, cast.far_operator)
    late = "Kode ini sudah lewat; pindai lagi kode di layar."
    for code, sentence in (
        (code_of(meeting, cast.operator, 121), late),
        (stranger, late),
        (code_of(other, cast.operator), "Kode ini untuk rapat lain"),
        (forged.sign(f"{meeting.pk}.{cast.operator.pk}"), "Kode ini tidak terbaca"),
        (fresh[:-1] + ("A" if fresh[-1] != "A" else "B"), "Kode ini tidak terbaca"),
        ("tebakan", "Kode ini tidak terbaca"),
    ):
        assert sentence in tap(meeting, cast.head, code, sex="L"), code
        assert sentence in tap.opened
    assert not CheckIn.objects.exists() and not Participant.objects.exists()
    tap(meeting, cast.head, code_of(meeting, cast.operator, 110), sex="L")
    assert CheckIn.objects.count() == 1


def test_a_code_ends_with_the_office_of_who_shows_it(cast, meeting):
    code = code_of(meeting, cast.operator)
    Office.objects.filter(user=cast.operator).update(
        ends_on=dates.today() - timedelta(days=1)
    )
    with pytest.raises(PermissionDenied, match="sudah lewat"):
        actions.check_in(meeting, by=cast.head, code=code, sex="L")


@pytest.mark.parametrize("who", ["resident", "far_operator", "camat"])
def test_who_has_no_place_there_is_told_to_ask(cast, meeting, tap, who):
    page = tap(meeting, getattr(cast, who), sex="L")
    assert "Anda belum ada di daftar peserta rapat ini." in page
    assert not CheckIn.objects.exists()


def test_the_camat_checks_in_where_the_list_has_them(cast, meeting, tap):
    make_participant(
        meeting, institution=str(cast.district), post="Camat", present=False
    )
    assert "Anda tercatat hadir" in tap(meeting, cast.camat)


def test_it_is_open_from_an_hour_before_to_the_end_on_that_day(cast, meeting, tap):
    day = timedelta(days=1)
    minute = timedelta(minutes=1)
    for moment, sentence in (
        (meeting.starts_at - day, "baru dibuka pada hari rapat"),
        (meeting.starts_at - 61 * minute, "baru dibuka pukul 09.00 WIB"),
        (meeting.ends_at + minute, "Rapat ini sudah selesai"),
        (meeting.starts_at + day, "Rapat ini sudah selesai"),
    ):
        with patch.object(timezone, "now", return_value=moment):
            assert sentence in actions.why_closed(meeting)
            with pytest.raises(PermissionDenied, match=sentence):
                code = code_of(meeting, cast.operator)
                actions.check_in(meeting, by=cast.head, code=code, sex="L")
    for moment in (meeting.starts_at - 59 * minute, meeting.ends_at):
        with patch.object(timezone, "now", return_value=moment):
            assert actions.why_closed(meeting) == ""
    with patch.object(timezone, "now", return_value=meeting.ends_at + minute):
        assert "Rapat ini sudah selesai" in tap(meeting, cast.head, sex="L")
    assert not CheckIn.objects.exists()


def test_a_final_meeting_takes_nobody(cast, meeting, tap):
    final = ready(
        meeting.body, cast.operator, starts_at=meeting.starts_at, ends_at=NOON
    )
    code = code_of(final, cast.operator)
    meetings.finalise(final, by=cast.operator, version=1)
    assert "sudah final" in tap(final, cast.head, code, sex="L")
    assert not CheckIn.objects.exists()


def test_the_database_keeps_each_once(cast, meeting, as_web_role):
    code = code_of(meeting, cast.operator)
    actions.check_in(meeting, by=cast.head, code=code, sex="L")
    copied = (
        "INSERT INTO forum_checkin (meeting_id, participant_key, user_id, at) SELECT"
    )
    for attack in (
        f"{copied} meeting_id, gen_random_uuid(), user_id, at FROM forum_checkin",
        f"{copied} meeting_id, participant_key, {cast.camat.pk}, at FROM forum_checkin",
    ):
        with pytest.raises(DatabaseError, match="once"):
            with transaction.atomic(), as_web_role() as cursor:
                cursor.execute(attack)


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_make_one_row(cast):
    meeting = today(cast)
    code = code_of(meeting, cast.operator)
    outcomes = at_once(
        *[lambda: actions.check_in(meeting, by=cast.head, code=code, sex="L")] * 4
    )
    assert sorted(is_new for _done, is_new in outcomes) == [False, False, False, True]
    assert Participant.objects.count() == CheckIn.objects.count() == 1
