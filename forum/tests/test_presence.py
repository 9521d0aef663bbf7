"""Who came: numbers of the list to sign, visitors, and substitutes with their letters."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from forum.meetings import actions, cells, changes, papers, rows
from forum.meetings.changes import Write
from forum.models import Meeting, Participant, ProxyLetter
from forum.tests.make import (
    make_body,
    make_letter,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from leksono_portal.kit import dates, files, form_keys
from leksono_portal.kit.tests.pictures import camera_jpeg, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast):
    """With six people of Timbang and Besani on its list, nobody ticked yet."""
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_meeting(body, cast.operator)
    for number in range(1, 7):
        village = cast.timbang if number <= 3 else cast.besani
        make_participant(meeting, village, name=f"Wakil {number}", present=False)
    return Meeting.objects.get(pk=meeting.pk)


@pytest.fixture
def send(client, cast):
    """Post a form of the meeting's as the operator; the page that answers."""
    client.force_login(cast.operator)

    def post(meeting, address, **fields):
        key = {form_keys.FIELD: form_keys.new_key(cast.operator)}
        page = client.post(f"/rapat/{meeting.pk}/{address}/", fields | key, follow=True)
        return page.content.decode()

    return post


def people(meeting):
    """{number: name} in the order of the numbers."""
    found = meeting.participants.order_by("row")
    return {person.row: person.name for person in found}


def present(meeting):
    return set(meeting.participants.filter(present=True).values_list("row", flat=True))


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("1-4, 7, 9", {1, 2, 3, 4, 7, 9}),
        ("1 – 3;5 dan 6.", {1, 2, 3, 5, 6}),
        ("2 s.d. 4 8s/d9 11 sampai 12\n20", {2, 3, 4, 8, 9, 11, 12, 20}),
        ("7,7, 6-8", {6, 7, 8}),
    ],
)
def test_numbers_are_read_as_clerks_type_them(typed, numbers):
    assert rows.read_rows(typed) == numbers


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("1-3, x7", "x7"),
        ("9-4", "9-4"),
        ("1--3", "1--3"),
        ("12345", "12345"),
        ("3, B", "Tambah tamu"),
    ],
)
def test_what_is_no_number_is_named(typed, named):
    with pytest.raises(ValidationError, match=named):
        rows.read_rows(typed)


def test_those_whose_numbers_are_typed_are_present(meeting, send):
    assert "hadir 4 orang (nomor 1–3, 6)" in send(
        meeting, "hadir/nomor", numbers="1-3,6"
    )
    assert present(meeting) == {1, 2, 3, 6}
    again = send(meeting, "hadir/nomor", numbers="3-4")
    assert "hadir 1 orang (nomor 4), sudah tercatat sebelumnya nomor 3" in again
    logged = meeting.changes.filter(cell__endswith="/present")
    assert logged.count() == 5


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1-4, 7-9, 40", "Tidak ada di daftar: nomor 7–9, 40."),
        ("1-4, satu", "Tidak terbaca: satu."),
    ],
)
def test_a_number_that_nobody_has_comes_back_with_all_that_was_typed(
    meeting, send, typed, sentence
):
    page = send(meeting, "hadir/nomor", numbers=typed)
    assert sentence in page and f'value="{typed}"' in page
    assert present(meeting) == set()


def test_a_number_is_given_once_and_stays(cast, meeting):
    """Also when its participant leaves the list, comes back, or gets another name."""
    last = meeting.participants.get(row=6)
    actions.remove_participant(last, by=cast.operator)
    [new] = actions.add_participants(
        meeting,
        by=cast.operator,
        village=cast.besani,
        people=[{"name": "Baru", "post": "PKK", "sex": "P"}],
    )
    assert new.row == 7
    back = Write(cells.name_of(last, cells.REMOVED), False)
    changes.apply(meeting, by=cast.operator, device=None, changes=[back])
    first = meeting.participants.get(row=1)
    actions.save_participant(first, by=cast.operator, version=1, name="Nama lain")
    numbers = [1, 2, 3, 4, 5, 6, 7]
    assert list(people(meeting)) == numbers
    assert people(meeting)[6] == "Wakil 6" and people(meeting)[1] == "Nama lain"
    sheet = papers.sheet_content(meeting, dates.now())
    assert [person["row"] for person in sheet["people"]] == numbers


@pytest.mark.parametrize(
    "attack",
    [
        'UPDATE forum_participant SET "row" = "row" + 10',
        "UPDATE forum_meeting SET rows_given = rows_given - 1",
        "UPDATE forum_meeting SET rows_given = rows_given + 2",
        'INSERT INTO forum_participant (meeting_id, "row", name, post, sex, phone,'
        " institution, present, signs, version, updated_by_id, updated_at)"
        " SELECT id, {row}, 'x', 'x', 'L', '', 'x', false, false, 1, created_by_id,"
        " now() FROM forum_meeting",
        "UPDATE forum_participant SET proxy_for = name",
        "UPDATE forum_participant SET proxy_for = 'x', institution = 'x',"
        " village_id = NULL",
    ],
)
@pytest.mark.parametrize("row", [6, 8])
def test_the_database_numbers_the_list(meeting, as_web_role, attack, row):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack.format(row=row))


def test_visitors_are_added_several_at_once_and_are_present(cast, meeting, send):
    rows_sent = {"form-TOTAL_FORMS": 4, "form-INITIAL_FORMS": 0}
    typed = [
        {"name": "Petugas", "institution": "Dinas PUPR", "sex": "L", "post": "Staf"},
        {"name": "Warga", "institution": "Warga Besani", "sex": "P"},
    ]
    for number, person in enumerate(typed):
        rows_sent |= {f"form-{number}-{name}": text for name, text in person.items()}
    page = send(meeting, "tamu/tambah", **rows_sent)
    assert "2 peserta baru, nomor 7–8" in page
    assert present(meeting) == {7, 8}
    assert meeting.participants.get(row=8).post == "Tamu"
    counted = Meeting.objects.with_attendance().get(pk=meeting.pk)
    assert (counted.invited, counted.delegates) == (8, 6)
    rows_sent |= {"form-1-institution": ""}
    page = send(meeting, "tamu/tambah", **rows_sent)
    assert 'value="Petugas"' in page and meeting.participants.count() == 8


def test_a_substitute_comes_for_one_of_their_village(cast, meeting, send):
    delegate = meeting.participants.get(row=4)
    form = {"village": cast.besani.pk, "post": "Kaur", "sex": "P", "version": 1}
    address = f"peserta/{delegate.pk}/ubah"
    page = send(meeting, address, name="wakil 4", proxy_for="Wakil 4", **form)
    assert "seseorang tidak mewakili dirinya" in page
    form |= {"name": "Kaur Umum", "proxy_for": "Wakil 4"}
    elsewhere = {"village": "", "institution": "Dinas"}
    page = send(meeting, address, **form | elsewhere)
    assert "Surat kuasa hanya untuk wakil desa" in page and "Kaur Umum" in page
    assert "Surat kuasa belum dipindai" in send(meeting, address, **form)
    delegate.refresh_from_db()
    assert (delegate.row, delegate.proxy_for) == (4, "Wakil 4")


def test_a_device_may_not_name_a_substitute_after_the_one_represented(cast, meeting):
    person = make_participant(meeting, cast.besani, name="Kaur", proxy_for="Ketua")
    write = Write(cells.name_of(person, "name"), "KETUA")
    [answer] = changes.apply(meeting, by=cast.operator, device=None, changes=[write])
    assert answer.change.outcome == "refused" and answer.value == "Kaur"


def test_a_missing_letter_is_told_before_the_end_and_hinders_nothing(
    client, cast, meeting
):
    ready = make_ready_meeting(meeting.body, cast.operator, title="Siap")
    person = make_participant(ready, cast.besani, name="Kaur", proxy_for="Ketua")
    client.force_login(cast.operator)
    address = f"/rapat/{ready.pk}/finalkan/"
    words = "Surat kuasa belum dipindai: Kaur, mewakili Ketua."
    assert words in client.get(address).content.decode()
    make_letter(person, cast.operator)
    ready.refresh_from_db()
    assert words not in client.get(address).content.decode()
    actions.finalise(ready, by=cast.operator, version=ready.version)
    with pytest.raises(actions.PermissionDenied):
        make_letter(person, cast.operator, pdf(b"/Lain 2"))


def test_a_letter_is_opened_by_officers_of_the_body_only(
    client, cast, meeting, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    person = make_participant(meeting, cast.besani, name="Kaur", proxy_for="Ketua")
    letter = make_letter(person, cast.operator, camera_jpeg())
    assert make_letter(person, cast.operator, camera_jpeg()) == letter
    address = f"/rapat/{meeting.pk}/surat-kuasa/{letter.pk}/berkas/"
    client.force_login(cast.camat)
    assert client.get(address).status_code == 302  # until its sizes are made
    files.process(letter.file_id)
    for user, status in (
        (cast.camat, 200),
        (cast.other_head, 200),
        (cast.resident, 404),
        (cast.far_operator, 404),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status
    with pytest.raises(ValidationError):
        make_letter(meeting.participants.get(row=1), cast.operator)
    assert ProxyLetter.objects.count() == 1


def test_a_letter_waits_for_a_substitute_who_leaves_the_list_and_returns(cast, meeting):
    person = make_participant(meeting, cast.besani, name="Kaur", proxy_for="Ketua")
    letter = make_letter(person, cast.operator)
    actions.remove_participant(person, by=cast.operator)
    back = Write(cells.name_of(person, cells.REMOVED), False)
    changes.apply(meeting, by=cast.operator, device=None, changes=[back])
    again = Participant.objects.with_letters().get(key=person.key)
    assert (again.letter, again.proxy_for) == (letter.pk, "Ketua")
