"""What is open: the list of follow-up, and what goes on to the next meeting."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from forum.followup import actions as followup
from forum.followup.figures import overdue_by_village
from forum.meetings import actions
from forum.models import ActionItem
from forum.tests.make import (
    at,
    make_action_item,
    make_agenda,
    make_body,
    make_meeting,
    make_ready_meeting,
)
from forum.tests.test_papers import flat, pages_in, pages_of
from forum.tests.test_rules import EVERYONE, WRITERS
from leksono_portal.kit import dates, form_keys, papers
from projects.tests.make import make_project

TODAY = dates.today()


@pytest.fixture
def body(cast):
    cast.stranger = AnonymousUser()
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


@pytest.fixture
def past(cast, body):
    """Final since the day before yesterday: three tasks, its second item put off."""
    day = TODAY - timedelta(days=2)
    meeting = make_ready_meeting(
        body, cast.operator, title="Rapat air", starts_at=at(day, 9)
    )
    late, soon = TODAY - timedelta(days=1), TODAY + timedelta(days=9)
    decision = meeting.decisions.get()
    make_action_item(meeting, cast.timbang, task="Ukur", due_on=soon, decision=decision)
    make_action_item(meeting, cast.besani, task="Gali", due_on=late)
    make_action_item(meeting, None, task="Surat", due_on=TODAY)
    meeting.agenda.filter(position=2).update(is_deferred=True)
    actions.finalise(meeting, by=cast.operator, version=1)
    return meeting


def call(body, by, **fields):
    told = {"title": "Berikutnya", "starts_at": at(TODAY, 9), "place": "Balai"}
    return actions.call_meeting(by=by, body=body, **(told | fields))


def finish(item, by):
    return actions.finish_action_item(ActionItem.objects.get(task=item), by=by)


def found(client, query=""):
    page = client.get(f"/tindak-lanjut/{query}")
    assert page.status_code == 200
    return [item.task for item in page.context["page_obj"]]


@pytest.mark.parametrize(
    ("query", "tasks"),
    [
        ("", ["Gali", "Ukur"]),
        ("?keadaan=lewat", ["Gali"]),
        ("?keadaan=selesai", ["Surat"]),
        ("?keadaan=semua", ["Gali", "Surat", "Ukur"]),
        ("?desa=timbang", ["Ukur"]),
        ("?desa=kecamatan&keadaan=semua", ["Surat"]),
        ("?q=air+UKUR", ["Ukur"]),
        ("?q=jembatan", []),
        ("?kelompok=desa&keadaan=semua", ["Gali", "Ukur", "Surat"]),
        ("?lembaga=0&desa=x&keadaan=y", ["Gali", "Surat", "Ukur"]),
    ],
)
def test_the_list_is_what_its_address_says(client, cast, past, query, tasks):
    finish("Surat", cast.sekcam)
    draft = make_ready_meeting(past.body, cast.operator)
    make_action_item(draft, cast.besani, task="Belum disepakati")
    assert found(client, query) == tasks


def test_the_file_has_the_filters_of_the_list_it_is_linked_from(client, past):
    for query in ("?q=ukur", "?q=ukur&page=1&kelompok=desa&keadaan=belum"):
        page = client.get(f"/tindak-lanjut/{query}").content.decode()
        assert 'href="/tindak-lanjut/data.csv?q=ukur&amp;keadaan=belum"' in page


def test_the_figures_are_of_all_states_under_the_other_filters(client, cast, past):
    finish("Surat", cast.sekcam)
    for query, expected in (
        ("", (2, 1, 1)),
        ("?desa=besani&keadaan=selesai", (1, 1, 0)),
    ):
        totals = client.get(f"/tindak-lanjut/{query}").context["totals"]
        assert (totals["belum"], totals["lewat"], totals["this_year"]) == expected


def test_a_task_leads_to_its_decision_and_to_the_project_of_it(client, cast, past):
    project = make_project(title="Pipa")
    decision = past.decisions.get()
    actions.link_project(decision, by=cast.operator, project=project)
    page = client.get("/tindak-lanjut/?desa=timbang").content.decode()
    assert f'href="{decision.get_absolute_url()}"' in page
    assert f'href="{project.get_absolute_url()}"' in page


def test_who_may_finish_a_task_finds_the_way_there_in_the_list(client, cast, past):
    address = reverse(
        "forum:action-done", args=[ActionItem.objects.get(task="Gali").pk]
    )
    for who, is_there in ((None, False), (cast.other_head, False), (cast.head, True)):
        client.logout()
        if who:
            client.force_login(who)
        assert (address in client.get("/tindak-lanjut/").content.decode()) == is_there


def test_an_empty_list_says_why(client, past):
    assert "Tidak ada yang cocok" in client.get("/tindak-lanjut/?q=x").content.decode()
    done = client.get("/tindak-lanjut/?keadaan=selesai").content.decode()
    assert "Tidak ada dalam keadaan ini" in done


def test_nothing_agreed_yet_is_said(client, cast):
    assert "Belum ada tindak lanjut" in client.get("/tindak-lanjut/").content.decode()


def test_the_districts_officers_see_what_is_late_by_village(client, cast, past):
    expected = [
        {
            "slug": "besani",
            "name": "Besani",
            "n": 1,
            "since": TODAY - timedelta(days=1),
        }
    ]
    assert list(overdue_by_village(cast.camat)) == expected
    for who in (cast.operator, cast.far_camat, cast.resident, AnonymousUser()):
        assert not overdue_by_village(who)
    client.force_login(cast.camat)
    page = client.get("/kerja/").content.decode()
    assert "/tindak-lanjut/?keadaan=lewat&amp;desa=besani" in page
    assert "Tandai selesai" not in page


def test_the_next_meeting_has_what_was_put_off_on_its_agenda(client, cast, past, body):
    following = call(body, cast.sekcam)
    (item,) = following.agenda.all()
    assert (item.title, item.carried_from.meeting, item.note) == (
        "Pembahasan",
        past,
        "",
    )
    page = client.get(following.get_absolute_url()).content.decode()
    assert f"{past.get_absolute_url()}#acara-2" in page
    assert (
        f"{following.get_absolute_url()}#acara-1"
        in client.get(past.get_absolute_url()).content.decode()
    )
    assert not call(body, cast.sekcam).agenda.exists()


def test_another_body_and_an_earlier_day_get_nothing(cast, past):
    other = make_body(cast.district, cast.besani, name="Lain", code="LAIN")
    assert not call(other, cast.operator).agenda.exists()
    before = at(TODAY - timedelta(days=30), 9)
    assert not call(past.body, cast.operator, starts_at=before).agenda.exists()


def test_what_was_taken_off_the_agenda_again_waits_for_the_next(cast, past, body):
    (item,) = call(body, cast.operator).agenda.all()
    actions.remove_agenda_item(item, by=cast.operator)
    assert call(body, cast.operator).agenda.get().carried_from.meeting == past


def test_a_meeting_called_before_takes_up_what_was_put_off(client, cast, past, body):
    early = make_meeting(body, cast.operator, starts_at=at(TODAY, 9), ends_at=None)
    client.force_login(cast.operator)
    room = reverse("forum:meeting-log", args=[early.pk])
    address = reverse("forum:agenda-carry", args=[early.pk])
    assert address in client.get(room).content.decode()
    assert "Pembahasan" in client.get(address).content.decode()
    key = {form_keys.FIELD: form_keys.new_key(cast.operator)}
    assert client.post(address, key).status_code == 302
    assert early.agenda.get().carried_from.meeting == past
    assert address not in client.get(room).content.decode()
    assert actions.carry_over(early, by=cast.operator) == []


def test_putting_off_can_be_taken_back_and_counts_as_a_change(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    item = meeting.agenda.first()
    for act, is_deferred in ((followup.defer, True), (followup.resume, False)):
        for _again in range(2):
            act(item, by=cast.other_operator)
        item.refresh_from_db()
        assert item.is_deferred == is_deferred
    meeting.refresh_from_db()
    assert (item.version, meeting.version) == (3, 3)


def test_an_item_is_copied_or_moved_to_another_open_meeting(cast, past, body):
    here, there = call(body, cast.operator), make_meeting(body, cast.operator)
    own = make_agenda(here, "Iuran")[0]
    copied = followup.copy(own, by=cast.other_operator, target=there)
    assert (copied.title, copied.meeting, own.meeting) == ("Iuran", there, here)
    moved = followup.move(here.agenda.first(), by=cast.sekcam, target=there)
    assert (moved.position, moved.carried_from.meeting) == (2, past)
    assert [item.title for item in here.agenda.all()] == ["Iuran"]


def test_what_has_notes_is_not_moved_and_nothing_is_left_half_done(cast, body):
    here, there = (make_meeting(body, cast.operator) for _ in range(2))
    item = make_agenda(here, "Iuran")[0]
    actions.save_agenda_item(item, by=cast.operator, version=1, note="Dibahas")
    with pytest.raises(ValidationError):
        followup.move(item, by=cast.operator, target=there)
    assert not there.agenda.exists()


@pytest.mark.parametrize("name", ["defer", "resume", "copy", "move"])
def test_items_are_moved_by_those_who_write_the_meetings(cast, body, name):
    here, there = (make_meeting(body, cast.operator) for _ in range(2))
    more = {"target": there} if name in ("copy", "move") else {}
    for who in EVERYONE:
        item = make_agenda(here, "Iuran")[0]
        may = True
        try:
            getattr(followup, name)(item, by=getattr(cast, who), **more)
        except PermissionDenied:
            may = False
        assert may == (who in WRITERS), who


def test_nothing_goes_to_a_final_meeting_nor_to_another_body(cast, past, body):
    item = make_agenda(make_meeting(body, cast.operator), "Iuran")[0]
    other = make_body(cast.district, cast.besani, name="Lain", code="LAIN")
    for target in (past, make_meeting(other, cast.operator)):
        for act in (followup.copy, followup.move):
            with pytest.raises(PermissionDenied):
                act(item, by=cast.operator, target=target)
    with pytest.raises(PermissionDenied):
        followup.resume(past.agenda.all()[1], by=cast.operator)


def test_an_item_removed_meanwhile_is_not_put_off(cast, body):
    meeting = make_meeting(body, cast.operator)
    item, seen = make_agenda(meeting, "Iuran")[0], meeting.agenda.get()
    item.delete()
    with pytest.raises(actions.Gone):
        followup.defer(seen, by=cast.operator)


def test_a_meeting_shows_what_earlier_ones_left_to_do_as_it_stands(client, cast, past):
    today = make_meeting(past.body, cast.operator, starts_at=at(TODAY, 9), ends_at=None)
    other = make_body(cast.district, cast.besani, name="Lain", code="LAIN")
    for address in (today, make_meeting(other, cast.operator)):
        page = client.get(address.get_absolute_url()).content.decode()
        assert ("Gali" in page) == (address == today)
    finish("Gali", cast.head)
    assert "Selesai" in client.get(today.get_absolute_url()).content.decode()
    ActionItem.objects.filter(task="Gali").update(done_on=TODAY - timedelta(days=1))
    assert "Gali" not in client.get(today.get_absolute_url()).content.decode()


def test_what_is_ticked_off_in_a_room_leads_back_to_that_room(client, cast, past):
    today = make_meeting(past.body, cast.operator)
    client.force_login(cast.operator)
    task = ActionItem.objects.get(task="Gali")
    room = reverse("forum:meeting-log", args=[today.pk])
    address = f"{reverse('forum:action-done', args=[task.pk])}?rapat={today.pk}"
    assert address in client.get(room).content.decode()
    key = {form_keys.FIELD: form_keys.new_key(cast.operator)}
    assert client.post(address, key).url == f"{room}#rapat-lalu"
    for odd in ("x", "9" * 5000, "-1"):
        assert client.get(f"{address}{odd}").status_code == 403


def test_the_record_freezes_what_was_open_and_what_was_put_off(client, cast, past):
    today = call(past.body, cast.operator, chair=cast.operator, secretary=cast.operator)
    actions.edit_meeting(
        today,
        by=cast.operator,
        version=1,
        starts_at=dates.now() - timedelta(minutes=2),
        ends_at=dates.now(),
    )
    actions.add_participants(
        today,
        by=cast.operator,
        village=cast.besani,
        people=[{"name": "Wakil", "post": "BPD", "sex": "P", "present": True}],
    )
    followup.defer(today.agenda.get(), by=cast.operator)
    finish("Surat", cast.sekcam)
    today.refresh_from_db()
    record = actions.finalise(today, by=cast.operator, version=today.version)
    finish("Gali", cast.head)
    text = flat(pages_of(record))
    day = dates.format_date_short
    for words in (
        f"Pembahasan (lanjutan dari rapat {day(past.starts_at)})",
        "Ditunda ke rapat berikutnya.",
        "Tindak lanjut rapat sebelumnya",
        f"Gali Desa Besani {day(TODAY - timedelta(days=1))} Lewat 1 hari",
        f"Surat Kecamatan {day(TODAY)} Selesai {day(TODAY)}",
        "Belum selesai",
    ):
        assert words in text, words
    page = client.get(today.get_absolute_url()).content.decode()
    assert "Lewat 1 hari" in page and "Keadaan saat rapat difinalkan." in page


def test_a_paper_fixed_before_all_this_still_reads_and_shows(client, cast, past):
    paper = past.record.paper
    later = ("earlier", "ballots")
    old = {name: value for name, value in paper.content.items() if name not in later}
    old["agenda"] = [{"title": i["title"], "note": i["note"]} for i in old["agenda"]]
    pdf = papers.typeset(paper.template, old | {"code": "x"}, dates.now())
    assert "Tindak lanjut rapat sebelumnya" not in flat(pages_in(pdf))
