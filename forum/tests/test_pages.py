"""Pages of meetings as people meet them: read, filter, write, get refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forum.meetings import actions
from forum.models import ActionItem, AgendaItem, Decision, Meeting, Participant
from forum.tests.make import (
    at,
    make_action_item,
    make_agenda,
    make_body,
    make_meeting,
    make_ready_meeting,
)
from leksono_portal.kit import dates, form_keys, kept, papers
from projects.models import Project
from projects.tests.make import make_allotment, submitted_request
from villages.people.models import Post
from villages.tests.make import make_officer, make_village

PHONE = "081234567890"


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


@pytest.fixture
def meeting(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    meeting.participants.update(phone=PHONE, name="Wakil Besani")
    meeting.agenda.filter(position=2).update(note="Rahasia sampai final")
    return meeting


@pytest.fixture
def send(client, cast):
    """`send(who, name, *args, **fields)` posts a form as the page would."""

    def post(who, name, *args, **fields):
        client.force_login(who)
        fields.setdefault("form_key", form_keys.new_key(who))
        return client.post(reverse(f"forum:{name}", args=args), fields)

    return post


def text(response):
    return response.content.decode()


def finalise(meeting):
    meeting.refresh_from_db()
    return actions.finalise(meeting, by=meeting.chair, version=meeting.version)


# Reading -----------------------------------------------------------------------------


def test_a_stranger_sees_the_invitation_and_nothing_of_the_draft(client, meeting):
    page = text(client.get(meeting.get_absolute_url()))
    for seen in ("Prioritas kerja sama", "Pendopo Kecamatan", "Pembahasan"):
        assert seen in page
    for hidden in ("Rahasia", "pipa air", "Wakil Besani", PHONE, "Buka ruang rapat"):
        assert hidden not in page


def test_everyone_reads_what_a_final_meeting_said_but_no_phone(client, meeting):
    record = finalise(meeting)
    page = text(client.get(meeting.get_absolute_url()))
    for seen in ("Rahasia", "pipa air", "Wakil Besani", record.number, "mufakat"):
        assert seen in page
    assert PHONE not in page


@pytest.mark.parametrize("address", ["/forum/", "/rapat/", "/rapat/{}/"])
def test_pages_for_strangers_set_no_cookie_and_answer_304(client, meeting, address):
    address = address.format(meeting.pk)
    first = client.get(address)
    assert first.status_code == 200
    assert not first.cookies and "csrfmiddlewaretoken" not in text(first)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_writers_see_the_draft_and_the_way_to_the_room(client, cast, meeting):
    client.force_login(cast.other_operator)
    page = text(client.get(meeting.get_absolute_url()))
    assert "Anda melihat draf" in page and "Rahasia" in page
    assert reverse("forum:meeting-log", args=[meeting.pk]) in page


def test_the_list_shows_next_meetings_first_and_filters_in_the_address(
    client, cast, body
):
    other = make_body(cast.district, cast.besani, name="Forum Air", code="FA")
    soon = dates.today() + timedelta(days=2)
    later = dates.today() + timedelta(days=9)
    old = date(2024, 5, 6)
    for title, day, where in (
        ("Lama", old, body),
        ("Nanti", later, body),
        ("Segera", soon, other),
    ):
        make_meeting(
            where, cast.operator, title=title, starts_at=at(day, 9), ends_at=None
        )
    make_meeting(body, cast.operator, title="Kemarin")

    def titles(query=""):
        return [m.title for m in client.get(f"/rapat/{query}").context["page_obj"]]

    assert titles() == ["Segera", "Nanti", "Kemarin", "Lama"]
    assert titles(f"?lembaga={other.pk}") == ["Segera"]
    assert titles("?tahun=2024") == ["Lama"]
    assert titles("?q=kema") == ["Kemarin"]
    assert titles("?q=tidak-ada") == []
    assert len(titles("?lembaga=abc&tahun=x&page=9")) == 4


def test_search_finds_decisions_once_they_are_public(client, meeting):
    assert not client.get("/rapat/?q=pipa").context["page_obj"]
    finalise(meeting)
    assert list(client.get("/rapat/?q=pipa").context["page_obj"]) == [meeting]


def test_the_landing_page_shows_open_follow_up_of_final_meetings(client, cast, meeting):
    make_action_item(meeting, cast.besani, task="Ukur jalur")
    done = make_action_item(meeting, cast.timbang, task="Sudah beres")
    assert "Ukur jalur" not in text(client.get("/forum/"))
    finalise(meeting)
    actions.finish_action_item(done, by=cast.other_operator)
    page = text(client.get("/forum/"))
    assert "Ukur jalur" in page and "Sudah beres" not in page


def test_the_pdf_is_awaited_then_served(client, meeting):
    address = reverse("forum:record-pdf", args=[meeting.pk])
    assert client.get(address).status_code == 404
    record = finalise(meeting)
    waiting = client.get(address)
    assert waiting.status_code == 202 and "sedang dibuat" in text(waiting)
    assert "sedang dibuat" in text(client.get(meeting.get_absolute_url()))
    papers.render(record.paper_id)
    pdf = client.get(address)
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert address in text(client.get(meeting.get_absolute_url()))


def test_the_attendance_list_is_awaited_then_served(client, meeting):
    address = reverse("forum:attendance-pdf", args=[meeting.pk])
    assert client.get(address).status_code == 404
    record = finalise(meeting)
    assert client.get(address).status_code == 202
    papers.render(record.attendance_paper_id)
    assert client.get(address).content.startswith(b"%PDF")
    assert address in text(client.get(meeting.get_absolute_url()))


def test_the_list_to_sign_is_for_those_who_write_while_it_is_open(
    client, cast, meeting
):
    address = reverse("forum:attendance-sheet", args=[meeting.pk])
    client.force_login(cast.operator)
    assert address in text(client.get(reverse("forum:meeting-log", args=[meeting.pk])))
    sheet = client.get(address)
    assert sheet["Content-Type"] == "application/pdf"
    assert sheet["Cache-Control"] == "private, no-cache"
    finalise(meeting)
    assert client.get(address).status_code == 403


# The job -----------------------------------------------------------------------------


def test_a_meeting_is_logged_from_invitation_to_record(client, cast, body, send):
    day = dates.today() - timedelta(days=1)
    invitation = {
        "body": body.pk,
        "kind": "mad",
        "title": "Air bersih",
        "date": day.isoformat(),
        "starts": "09:00",
        "place": "Balai Desa Besani",
        "chair": cast.operator.pk,
        "secretary": cast.operator.pk,
    }
    made = send(cast.operator, "meeting-new", **invitation)
    meeting = Meeting.objects.get()
    room = reverse("forum:meeting-log", args=[meeting.pk])
    assert made.url == room
    pk = meeting.pk
    assert send(cast.operator, "agenda-add", pk, title="Pembukaan").status_code == 302
    item = meeting.agenda.get()
    saved = send(
        cast.operator, "agenda-save", pk, item.pk, title="Doa", note="Ya", version=1
    )
    assert saved.url == f"{room}#acara-1"
    send(
        cast.operator,
        "participant-add",
        pk,
        village=cast.besani.pk,
        **{
            "form-TOTAL_FORMS": 3,
            "form-INITIAL_FORMS": 0,
            "form-0-name": "Bu Wakil",
            "form-0-post": "PKK",
            "form-0-sex": "P",
            "form-1-name": "Pak Wakil",
            "form-1-post": "BPD",
            "form-1-sex": "L",
        },
    )
    people = list(meeting.participants.all())
    assert [person.name for person in people] == ["Bu Wakil", "Pak Wakil"]
    send(cast.operator, "attendance-save", pk, was="", present=[p.pk for p in people])
    assert meeting.participants.filter(present=True).count() == 2
    send(cast.operator, "ballot-electorate", pk, was="", present=[p.pk for p in people])
    question = {"question": "Bangun pipa", "agenda_item": item.pk, "rule": "cast"}
    opened = send(cast.operator, "ballot-open", pk, **question)
    ballot = meeting.ballots.get()
    assert opened.url == ballot.get_absolute_url()
    counts = {"votes_for": 2, "votes_against": 0}
    counts |= {"votes_abstain": 0, "votes_invalid": 0, "version": 1}
    send(cast.operator, "ballot-count", pk, ballot.pk, **counts)
    send(cast.other_operator, "ballot-confirm", pk, ballot.pk, version=2)
    send(cast.operator, "ballot-decide", pk, ballot.pk)
    send(
        cast.operator,
        "action-add",
        pk,
        task="Ukur jalur",
        village=cast.timbang.pk,
        due_on=(day + timedelta(days=9)).isoformat(),
    )
    assert meeting.decisions.get().votes_for == 2
    assert meeting.action_items.get().village == cast.timbang
    send(cast.operator, "meeting-edit", pk, version=1, ends="11:30", **invitation)
    page = client.get(reverse("forum:meeting-finalise", args=[pk]))
    assert page.context["missing"] == []
    version = page.context["meeting"].version
    final = send(cast.operator, "meeting-finalise", pk, version=version)
    assert final.url == meeting.get_absolute_url()
    meeting.refresh_from_db()
    assert meeting.is_final and meeting.record.sequence == 1


def test_a_decision_becomes_a_project_on_its_page(client, cast, meeting, send):
    decision = meeting.decisions.get()
    names = ("decision-project", meeting.pk, decision.pk)
    fields = {
        "title": "Pipa air",
        "sector": "infrastructure",
        "lead_village": cast.besani.pk,
        "partner_villages": [cast.timbang.pk],
        "place": "Dusun Krajan",
        "purpose": "Air bersih",
        "year": 2026,
    }
    assert send(cast.head, *names, **fields).status_code == 404
    finalise(meeting)
    assert send(cast.resident, *names, **fields).status_code == 403
    made = send(cast.head, *names, **fields)
    project = Project.objects.get()
    assert made.url == project.get_absolute_url()
    page = text(client.get(meeting.get_absolute_url()))
    assert "Pipa air" in page and project.get_absolute_url() in page


def test_a_lead_village_of_others_is_no_choice(cast, meeting, send):
    finalise(meeting)
    decision = meeting.decisions.get()
    page = send(
        cast.head,
        "decision-project",
        meeting.pk,
        decision.pk,
        title="Pipa air",
        sector="infrastructure",
        lead_village=cast.timbang.pk,
        place="x",
        purpose="x",
        year=2026,
    )
    assert page.status_code == 200 and page.context["form"].errors["lead_village"]
    assert not Project.objects.exists()


def test_follow_up_is_ticked_on_its_page(client, cast, meeting, send):
    item = make_action_item(meeting, cast.timbang)
    finalise(meeting)
    assert send(cast.operator, "action-done", item.pk).status_code == 403
    assert send(cast.other_head, "action-done", item.pk).status_code == 302
    item.refresh_from_db()
    assert item.done_by == cast.other_head


# Nothing typed is lost ---------------------------------------------------------------


def test_a_stale_note_comes_back_beside_what_is_stored(client, cast, meeting, send):
    item = meeting.agenda.get(position=2)
    actions.save_agenda_item(item, by=cast.sekcam, version=1, note="Dari sekcam")
    typed = {"title": item.title, "note": "Dari operator"}
    page = send(cast.operator, "agenda-save", meeting.pk, item.pk, version=1, **typed)
    assert page.status_code == 409
    for part in ("Dari operator", "Dari sekcam", "Sekcam", "Tulisan Anda masih ada"):
        assert part in text(page)
    assert 'name="version" value="2"' in text(page)
    item.refresh_from_db()
    assert item.note == "Dari sekcam"
    send(cast.operator, "agenda-save", meeting.pk, item.pk, version=2, **typed)
    item.refresh_from_db()
    assert item.note == "Dari operator"


def notes_of(meeting, **typed):
    """The body that the room sends: what is typed for items by their place."""
    items = {f"at{item.position}": item for item in meeting.agenda.all()}
    seen = " ".join(f"{item.pk}:{item.version}" for item in items.values())
    return {"seen": seen} | {f"note-{items[at].pk}": n for at, n in typed.items()}


def test_the_notes_of_all_items_are_saved_together(cast, meeting, send):
    body = notes_of(meeting, at1="Doa bersama.", at2="Debit cukup.")
    answer = send(cast.operator, "notes-save", meeting.pk, **body)
    assert answer.status_code == 302
    notes = list(meeting.agenda.values_list("note", "version"))
    assert notes[:2] == [("Doa bersama.", 2), ("Debit cukup.", 2)]
    assert {note for note, _version in notes[2:]} <= {""}


def test_a_stale_note_among_others_comes_back_and_the_others_are_saved(
    cast, meeting, send
):
    body = notes_of(meeting, at1="Doa bersama.", at2="Dari operator.")
    item = meeting.agenda.get(position=2)
    actions.save_agenda_item(item, by=cast.sekcam, version=1, note="Dari sekcam.")
    page = send(cast.operator, "notes-save", meeting.pk, **body)
    assert page.status_code == 409
    for words in ("Dari operator.", "Sekcam menulis di sini", "“Dari sekcam.”"):
        assert words in text(page)
    assert list(meeting.agenda.values_list("note", flat=True))[:2] == [
        "Doa bersama.",
        "Dari sekcam.",
    ]
    again = body | {"seen": page.context["form"]["seen"].value()}
    assert send(cast.operator, "notes-save", meeting.pk, **again).status_code == 302
    assert meeting.agenda.get(position=2).note == "Dari operator."
    assert not meeting.changes.open_conflicts().exists()


def test_a_note_for_an_item_that_is_gone_comes_back(cast, meeting, send):
    [item] = make_agenda(meeting, "Lain-lain")
    body = notes_of(meeting, at1="Doa bersama.")
    body |= {f"note-{item.pk}": "Tulisan saya."}
    actions.remove_agenda_item(item, by=cast.sekcam)
    page = send(cast.operator, "notes-save", meeting.pk, **body)
    assert "Acara ini sudah dihapus orang lain." in text(page)
    for words in ("Doa bersama.", "Tulisan saya."):
        assert words in text(page)


def test_notes_come_back_from_a_meeting_that_becomes_final_while_they_are_sent(
    cast, meeting, send, monkeypatch
):
    body = notes_of(meeting, at1="Satu.", at2="Dua.")

    def too_late(*_item, **_typed):
        raise PermissionDenied("Rapat ini sudah final dan tidak dapat diubah lagi.")

    monkeypatch.setattr(actions, "save_agenda_item", too_late)
    page = send(cast.operator, "notes-save", meeting.pk, **body)
    assert page.status_code == 403
    for words in ("Satu.", "Dua.", "sudah final"):
        assert words in text(page)


def test_notes_for_a_meeting_that_became_final_come_back(cast, meeting, send):
    body = notes_of(meeting, at1="Terlambat.")
    finalise(meeting)
    page = send(cast.operator, "notes-save", meeting.pk, **body)
    assert page.status_code == 403
    assert "Terlambat." in text(page) and "sudah final" in text(page)
    assert meeting.agenda.get(position=1).note == ""


def test_a_stale_invitation_comes_back_too(cast, meeting, send):
    actions.edit_meeting(meeting, by=cast.sekcam, version=1, place="Balai Timbang")
    page = send(
        cast.operator,
        "meeting-edit",
        meeting.pk,
        kind="mad",
        title="Judul baru",
        date="2026-03-04",
        starts="09:00",
        place="Pendopo",
        version=1,
    )
    assert page.status_code == 409
    assert "Judul baru" in text(page) and "Balai Timbang" in text(page)


def test_a_note_to_an_item_that_is_gone_can_be_kept_as_a_new_one(cast, meeting, send):
    item = meeting.agenda.get(position=3)
    actions.remove_agenda_item(item, by=cast.sekcam)
    typed = {"title": "Penutup", "note": "Hal penting", "version": 1}
    page = send(cast.operator, "agenda-save", meeting.pk, item.pk, **typed)
    assert page.status_code == 409 and "Hal penting" in text(page)
    address = reverse("forum:agenda-add", args=[meeting.pk])
    assert f'action="{address}"' in text(page)
    send(cast.operator, "agenda-add", meeting.pk, **typed)
    assert AgendaItem.objects.get(note="Hal penting")


def test_a_save_after_the_end_is_refused_with_its_text_shown(cast, meeting, send):
    item = meeting.agenda.first()
    finalise(meeting)
    page = send(
        cast.operator,
        "agenda-save",
        meeting.pk,
        item.pk,
        title=item.title,
        note="Terlambat sedikit",
        version=1,
    )
    assert page.status_code == 403
    assert "sudah final" in text(page) and "Terlambat sedikit" in text(page)


def test_finalising_what_was_not_read_shows_the_newest_first(cast, meeting, send):
    actions.add_decision(meeting, by=cast.sekcam, text="Baru saja")
    page = send(cast.operator, "meeting-finalise", meeting.pk, version=1)
    assert page.status_code == 409 and "Baru saja" in text(page)
    meeting.refresh_from_db()
    assert not meeting.is_final


def test_a_double_click_has_one_effect(cast, meeting, send):
    key = form_keys.new_key(cast.operator)
    fields = {"text": "Satu kali", "method": "consensus", "form_key": key}
    first = send(cast.operator, "decision-add", meeting.pk, **fields)
    second = send(cast.operator, "decision-add", meeting.pk, **fields)
    assert first.url == second.url
    assert Decision.objects.filter(text="Satu kali").count() == 1


INVITATION = {
    "kind": "mad",
    "title": "x",
    "date": "2026-03-04",
    "starts": "09:00",
    "place": "x",
    "version": 1,
}


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("meeting-edit", INVITATION | {"date": "kemarin"}, "tanggal yang valid"),
        ("meeting-edit", INVITATION | {"ends": "08:00"}, "sesudah jam mulai"),
        ("meeting-edit", INVITATION | {"date": "1999-01-01"}, "antara 2015 dan 2100"),
        ("meeting-edit", INVITATION | {"title": "x" * 161}, "160 karakter"),
        ("meeting-edit", INVITATION | {"chair": 999999}, "valid"),
        ("meeting-edit", INVITATION | {"version": "satu"}, "Buka lagi formulirnya"),
        ("meeting-edit", INVITATION | {"title": "a\x00b"}, "Karakter null"),
        ("agenda-add", {"title": ""}, "tidak boleh kosong"),
        ("agenda-add", {"title": "x", "note": "y" * 20001}, "20000 karakter"),
        ("decision-add", {"text": "", "method": "consensus"}, "tidak boleh kosong"),
        ("decision-add", {"text": "x", "method": "vote"}, "lewat Pemungutan suara"),
        ("action-add", {"task": "x", "due_on": "besok"}, "tanggal yang valid"),
        ("action-add", {"task": "x", "due_on": "2020-01-01"}, "sebelum rapat"),
        ("action-add", {"task": "x" * 301, "due_on": "2027-01-01"}, "300 karakter"),
        ("action-add", {"task": "x", "due_on": "2027-01-01", "village": 0}, "valid"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    cast, meeting, send, name, fields, sentence
):
    page = send(cast.operator, name, meeting.pk, **fields)
    assert page.status_code == 200
    assert sentence in text(page)
    meeting.refresh_from_db()
    assert meeting.version == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"form-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({}, "paling sedikit satu orang"),
        ({"form-0-name": "Tanpa jabatan"}, "tidak boleh kosong"),
        (
            {"form-0-name": "A", "form-0-post": "B", "form-0-sex": "X"},
            "bukan salah satu",
        ),
    ],
)
def test_bad_lists_of_people_get_a_sentence(cast, meeting, send, fields, sentence):
    formset = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 0}
    page = send(
        cast.operator,
        "participant-add",
        meeting.pk,
        village=cast.besani.pk,
        **(formset | fields),
    )
    assert page.status_code == 200 and sentence in text(page)
    assert meeting.participants.count() == 1


@pytest.mark.parametrize(
    ("origin", "sentence"),
    [
        ({}, "Pilih desanya"),
        ({"village": "besani", "institution": "PUPR"}, "jangan keduanya"),
    ],
)
def test_people_come_from_one_place(cast, meeting, send, origin, sentence):
    if "village" in origin:
        origin = origin | {"village": cast.besani.pk}
    page = send(
        cast.operator,
        "participant-add",
        meeting.pk,
        **origin,
        **{
            "form-TOTAL_FORMS": 1,
            "form-INITIAL_FORMS": 0,
            "form-0-name": "A",
            "form-0-post": "B",
            "form-0-sex": "L",
        },
    )
    assert sentence in text(page) and 'value="A"' in text(page)


def test_a_village_outside_the_body_is_no_choice(cast, meeting, send):
    page = send(
        cast.operator,
        "action-add",
        meeting.pk,
        task="x",
        due_on="2027-01-01",
        village=cast.far.pk,
    )
    assert page.context["form"].errors["village"]


def test_someone_without_an_office_there_does_not_lead(cast, meeting, send):
    page = send(
        cast.operator,
        "meeting-edit",
        meeting.pk,
        **INVITATION,
        chair=cast.far_operator.pk,
    )
    assert page.context["form"].errors["chair"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("attendance-save", {"was": "satu dua"}),
        ("attendance-save", {"present": ["x"]}),
        ("meeting-finalise", {"version": "x"}),
        ("meeting-finalise", {}),
    ],
)
def test_posts_that_no_page_of_ours_sends_get_400(cast, meeting, send, name, fields):
    assert send(cast.operator, name, meeting.pk, **fields).status_code == 400


# Who is let in -----------------------------------------------------------------------

MEETING_PAGES = (
    "meeting-edit meeting-log meeting-finalise agenda-add participant-add "
    "decision-add action-add"
).split()


@pytest.mark.parametrize("name", MEETING_PAGES)
def test_forms_are_for_writers(client, cast, meeting, name):
    address = reverse(f"forum:{name}", args=[meeting.pk])
    assert client.get(address).url.startswith("/akun/login/")
    for who in (cast.resident, cast.far_operator, cast.verifier):
        client.force_login(who)
        answer = client.get(address)
        assert answer.status_code == 403
        assert "Rapat" in text(answer)
    client.force_login(cast.operator)
    assert client.get(address).status_code == 200


PARTS = {
    "agenda-save": "agenda",
    "agenda-remove": "agenda",
    "participant-save": "participants",
    "participant-remove": "participants",
    "decision-save": "decisions",
    "decision-remove": "decisions",
    "action-save": "action_items",
    "action-remove": "action_items",
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_open_for_writers_and_are_their_meetings_own(
    client, cast, body, meeting, name
):
    make_action_item(meeting)
    part = getattr(meeting, PARTS[name]).last()
    other = make_meeting(body, cast.operator)
    client.force_login(cast.operator)
    assert (
        client.get(reverse(f"forum:{name}", args=[meeting.pk, part.pk])).status_code
        == 200
    )
    assert (
        client.get(reverse(f"forum:{name}", args=[other.pk, part.pk])).status_code
        == 404
    )
    client.force_login(cast.resident)
    assert (
        client.get(reverse(f"forum:{name}", args=[meeting.pk, part.pk])).status_code
        == 403
    )


@pytest.mark.parametrize(
    "name", ["agenda-remove", "participant-remove", "action-remove"]
)
def test_parts_are_removed_by_post(cast, meeting, send, name):
    make_action_item(meeting)
    manager = getattr(meeting, PARTS[name])
    part, before = manager.last(), manager.count()
    assert send(cast.resident, name, meeting.pk, part.pk).status_code == 403
    assert send(cast.operator, name, meeting.pk, part.pk).status_code == 302
    assert send(cast.operator, name, meeting.pk, part.pk).status_code == 302
    assert manager.count() == before - 1


def test_a_removal_that_is_refused_says_why(cast, meeting, send):
    noted = meeting.agenda.get(position=2)
    page = send(cast.operator, "agenda-remove", meeting.pk, noted.pk)
    assert page.status_code == 409 and "tidak dapat dihapus" in text(page)


def test_what_is_not_there_is_404(client, cast):
    client.force_login(cast.operator)
    for address in ("/rapat/9/", "/rapat/9/catat/", "/rapat/99999999999999999999/"):
        assert client.get(address).status_code == 404


# Speed -------------------------------------------------------------------------------


def populate(cast, body, times, allotment=None):
    """`times` meetings, each with `times` of all that hangs on it.

    Where there is an allotment, the first is final, and every decision of it became a
    project that asks for money.
    """
    for n in range(times):
        meeting = make_meeting(body, cast.operator, title=f"Rapat {n}")
        make_agenda(meeting, *(f"Acara {i}" for i in range(times)))
        by = {"meeting": meeting, "updated_by": cast.operator}
        Participant.objects.bulk_create(
            Participant(**by, name=f"{i}", post="BPD", sex="L", present=True, **origin)
            for i in range(times)
            for origin in ({"village": cast.besani}, {"institution": f"Dinas {i}"})
        )
        Decision.objects.bulk_create(
            Decision(**by, number=i, text="Pipa") for i in range(1, times + 1)
        )
        ActionItem.objects.bulk_create(
            ActionItem(**by, task="Ukur", village=village, due_on=dates.today())
            for village in [cast.timbang, None] * times
        )
        if n or not allotment:
            continue
        for decision in finalise(meeting).meeting.decisions.all():
            project = make_linked_project(cast, decision)
            submitted_request(project, allotment, asked=(1_000_000,))


def make_linked_project(cast, decision):
    return actions.create_project(
        decision,
        by=cast.operator,
        lead_village=cast.besani,
        partner_villages=[cast.timbang],
        title="Pipa",
        sector="infrastructure",
        place="x",
        purpose="x",
        year=2026,
    )


LIMITS = {
    "/forum/": 8,
    "/rapat/": 8,
    "/rapat/?q=pipa&tahun=2026&lembaga=1": 8,
    "final": 12,
    "draft": 12,
    "room": 17,  # all of a meeting, with what earlier ones left open
    "finalise": 12,
}


def test_queries_do_not_grow_with_rows(client, cast, body):
    def addresses():
        final = Meeting.objects.filter(finalised_at__isnull=False).latest("pk")
        draft = Meeting.objects.filter(finalised_at=None).latest("pk")
        return {name: name for name in LIMITS} | {
            "final": final.get_absolute_url(),
            "draft": draft.get_absolute_url(),
            "room": reverse("forum:meeting-log", args=[draft.pk]),
            "finalise": reverse("forum:meeting-finalise", args=[draft.pk]),
        }

    def counts():
        found = {}
        for who in (None, cast.operator):
            client.logout()
            if who:
                client.force_login(who)
            for name, address in addresses().items():
                client.get(address)
                kept.ask_all()
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                found[name, who and who.username] = len(queries)
        return found

    allotment = make_allotment(cast.district)
    populate(cast, body, 1, allotment)
    populate(cast, body, 1)
    few = counts()
    for n in range(5):
        village = make_village(cast.district, f"Desa {n}", number=2100 + n)
        make_officer(f"kades.{n}", Post.VILLAGE_HEAD, village)
        body.villages.add(village)
    populate(cast, body, 30, allotment)
    assert counts() == few
    above = {key: n for key, n in few.items() if n > LIMITS[key[0]]}
    assert not above
