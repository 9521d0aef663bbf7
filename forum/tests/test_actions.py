"""Each verb of a meeting: what it writes, and when it refuses."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from forum.meetings import actions
from forum.models import DecisionLink, Meeting, RecordCounter
from forum.tests.make import (
    at,
    finalised_meeting,
    make_action_item,
    make_agenda,
    make_body,
    make_decision,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from projects.models import Project
from projects.tests.make import make_allotment, make_source, submitted_request

PROJECT = {
    "title": "Pipa air bersih",
    "sector": "infrastructure",
    "place": "Dusun Krajan",
    "purpose": "Air bersih bagi dua desa",
    "year": 2026,
}


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


@pytest.fixture
def meeting(cast, body):
    return make_meeting(body, cast.operator)


def version_of(meeting):
    return Meeting.objects.get(pk=meeting.pk).version


def positions(meeting):
    return [(item.position, item.title) for item in meeting.agenda.all()]


def test_every_write_counts_the_meeting_up_and_says_by_whom(cast, meeting):
    item = actions.add_agenda_item(meeting, by=cast.operator, title="Pembukaan")
    actions.save_agenda_item(
        item, by=cast.other_operator, version=1, title="Pembukaan", note="Doa"
    )
    meeting.refresh_from_db()
    assert (meeting.version, meeting.updated_by) == (3, cast.other_operator)
    assert meeting.heading_version == 1


def test_writing_notes_does_not_make_the_invitation_stale(cast, meeting):
    actions.add_agenda_item(meeting, by=cast.other_operator, title="Pembukaan")
    actions.edit_meeting(meeting, by=cast.operator, version=1, place="Balai desa")
    with pytest.raises(Stale):
        actions.edit_meeting(meeting, by=cast.operator, version=1, place="Lain")
    meeting.refresh_from_db()
    assert (meeting.place, meeting.heading_version) == ("Balai desa", 2)


def test_a_stale_note_is_refused_and_names_the_other_writer(cast, meeting):
    item = make_agenda(meeting, "Bobot")[0]
    actions.save_agenda_item(item, by=cast.other_operator, version=1, note="Satu")
    with pytest.raises(Stale) as error:
        actions.save_agenda_item(item, by=cast.operator, version=1, note="Dua")
    assert error.value.by == cast.other_operator.name
    item.refresh_from_db()
    assert item.note == "Satu"


def test_agenda_items_move_up_and_close_the_gap_when_one_goes(cast, meeting):
    first, second, third = make_agenda(meeting, "A", "B", "C")
    actions.move_agenda_item(third, by=cast.operator)
    assert positions(meeting) == [(1, "A"), (2, "C"), (3, "B")]
    actions.move_agenda_item(first, by=cast.operator)
    actions.remove_agenda_item(first, by=cast.operator)
    assert positions(meeting) == [(1, "C"), (2, "B")]


def test_an_item_with_notes_or_decisions_is_not_removed(cast, meeting):
    noted, decided = make_agenda(meeting, "A", "B")
    actions.save_agenda_item(noted, by=cast.operator, version=1, note="Catatan")
    make_decision(meeting, agenda_item=decided)
    for item in (noted, decided):
        with pytest.raises(ValidationError):
            actions.remove_agenda_item(item, by=cast.operator)


def test_what_is_removed_is_kept_in_the_audit_trail(cast, meeting):
    decision = make_decision(meeting, text="Membeli gergaji")
    actions.remove_decision(decision, by=cast.operator)
    event = AuditEvent.objects.get(verb="meeting.decision.remove")
    assert event.old == {"number": 1, "text": "Membeli gergaji"}


def test_removing_twice_says_it_is_gone(cast, meeting):
    item = make_agenda(meeting, "A")[0]
    actions.remove_agenda_item(item, by=cast.operator)
    with pytest.raises(actions.Gone):
        actions.remove_agenda_item(item, by=cast.operator)


def test_two_writers_of_the_attendance_never_undo_each_other(cast, meeting):
    a, b, c = (
        make_participant(meeting, cast.besani, name=name, present=name == "C")
        for name in "ABC"
    )
    actions.save_attendance(meeting, by=cast.operator, was={c.pk}, now={a.pk, c.pk})
    actions.save_attendance(meeting, by=cast.other_operator, was={c.pk}, now={b.pk})
    came = meeting.participants.filter(present=True)
    assert {person.name for person in came} == {"A", "B"}


def test_attendance_of_another_meeting_is_left_alone(cast, body, meeting):
    stranger = make_participant(
        make_meeting(body, cast.operator), cast.besani, present=False
    )
    actions.save_attendance(meeting, by=cast.operator, was=set(), now={stranger.pk})
    stranger.refresh_from_db()
    assert not stranger.present


def test_decisions_count_up_and_only_the_last_can_go(cast, meeting):
    first = actions.add_decision(meeting, by=cast.operator, text="Satu")
    second = actions.add_decision(meeting, by=cast.operator, text="Dua")
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(ValidationError):
        actions.remove_decision(first, by=cast.operator)
    actions.remove_decision(second, by=cast.operator)
    assert actions.add_decision(meeting, by=cast.operator, text="Tiga").number == 2


def test_a_decision_with_follow_up_is_not_removed(cast, meeting):
    decision = make_decision(meeting)
    make_action_item(meeting, decision=decision)
    with pytest.raises(ValidationError):
        actions.remove_decision(decision, by=cast.operator)


def test_outsiders_write_nothing(cast, body, meeting):
    item = make_agenda(meeting)[0]
    attempts = [
        lambda by: actions.call_meeting(by=by, body=body),
        lambda by: actions.edit_meeting(meeting, by=by, version=1, place="x"),
        lambda by: actions.add_agenda_item(meeting, by=by, title="x"),
        lambda by: actions.save_agenda_item(item, by=by, version=1, note="x"),
        lambda by: actions.remove_agenda_item(item, by=by),
        lambda by: actions.move_agenda_item(item, by=by),
        lambda by: actions.add_participants(meeting, by=by, people=[]),
        lambda by: actions.save_attendance(meeting, by=by, was=[], now=[]),
        lambda by: actions.add_decision(meeting, by=by, text="x"),
        lambda by: actions.add_action_item(meeting, by=by, task="x"),
        lambda by: actions.finalise(meeting, by=by, version=1),
    ]
    for attempt in attempts:
        for who in (cast.far_operator, cast.resident, cast.verifier):
            with pytest.raises(PermissionDenied):
                attempt(who)


def test_follow_up_is_ticked_once_also_after_the_end(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    task = make_action_item(meeting, cast.besani)
    actions.finalise(meeting, by=cast.operator, version=meeting.version)
    done = actions.finish_action_item(task, by=cast.head)
    assert (done.done_on, done.done_by) == (dates.today(), cast.head)
    with pytest.raises(PermissionDenied):
        actions.finish_action_item(task, by=cast.operator)


def test_what_is_missing_is_said_all_at_once(cast, body):
    meeting = make_meeting(body, cast.operator, chair=None, ends_at=None)
    with pytest.raises(ValidationError) as error:
        actions.finalise(meeting, by=cast.operator, version=1)
    said = " ".join(error.value.messages)
    for word in ("Pimpinan", "Jam selesai", "Acara", "hadir"):
        assert word in said
    assert not RecordCounter.objects.exists()


def test_a_meeting_to_come_is_not_final(cast, body):
    tomorrow = dates.today() + timedelta(days=1)
    meeting = make_ready_meeting(
        body, cast.operator, starts_at=at(tomorrow, 9), ends_at=at(tomorrow, 12)
    )
    with pytest.raises(ValidationError, match="belum dimulai"):
        actions.finalise(meeting, by=cast.operator, version=1)


def test_the_chair_finalises_what_they_have_read(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    actions.add_decision(meeting, by=cast.other_operator, text="Lagi")
    with pytest.raises(Stale):
        actions.finalise(meeting, by=cast.operator, version=1)
    record = actions.finalise(meeting, by=cast.operator, version=version_of(meeting))
    assert len(record.paper.content["decisions"]) == 2


def test_numbers_run_by_body_and_year_of_the_meeting(cast, body):
    other = make_body(cast.district, cast.besani, name="Forum", code="FA-LKS")
    held = {"starts_at": at(date(2025, 3, 4), 9), "ends_at": at(date(2025, 3, 4), 11)}
    numbers = [
        finalised_meeting(*args, **kwargs).record.number
        for *args, kwargs in (
            (body, cast.operator, held),
            (body, cast.operator, held),
            (other, cast.operator, held),
            (
                body,
                cast.operator,
                {
                    "starts_at": at(date(2024, 12, 31), 9),
                    "ends_at": at(date(2024, 12, 31), 11),
                },
            ),
        )
    ]
    assert numbers == [
        "001/MAD-LKS/III/2025",
        "002/MAD-LKS/III/2025",
        "001/FA-LKS/III/2025",
        "001/MAD-LKS/XII/2024",
    ]


def test_a_refused_finalising_uses_up_no_number(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    with pytest.raises(Stale):
        actions.finalise(meeting, by=cast.operator, version=99)
    assert finalised_meeting(body, cast.operator).record.sequence == 1


def test_a_final_meeting_refuses_every_write(cast, body):
    meeting = finalised_meeting(body, cast.operator)
    with pytest.raises(PermissionDenied):
        actions.save_agenda_item(
            meeting.agenda.first(), by=cast.operator, version=1, note="Lagi"
        )
    with pytest.raises(PermissionDenied):
        actions.finalise(meeting, by=cast.operator, version=meeting.version)


def test_a_decision_becomes_a_project_and_is_tied_to_it(cast, body):
    decision = finalised_meeting(body, cast.operator).decisions.get()
    project = actions.create_project(
        decision,
        by=cast.head,
        lead_village=cast.besani,
        partner_villages=[cast.timbang],
        **PROJECT,
    )
    assert list(project.decision_links.values_list("decision", "by")) == [
        (decision.pk, cast.head.pk)
    ]
    assert set(project.villages) == {cast.besani, cast.timbang}


def test_village_people_lead_with_their_own_village_the_sekcam_with_any(cast, body):
    decision = finalised_meeting(body, cast.operator).decisions.get()
    make = dict(PROJECT, partner_villages=[])
    with pytest.raises(PermissionDenied):
        actions.create_project(
            decision, by=cast.head, lead_village=cast.timbang, **make
        )
    actions.create_project(decision, by=cast.sekcam, lead_village=cast.timbang, **make)
    assert Project.objects.count() == DecisionLink.objects.count() == 1


def test_villages_outside_the_body_take_no_part(cast, body):
    body.villages.remove(cast.timbang)
    decision = finalised_meeting(body, cast.operator).decisions.get()
    with pytest.raises(PermissionDenied):
        actions.create_project(
            decision,
            by=cast.operator,
            lead_village=cast.besani,
            partner_villages=[cast.timbang],
            **PROJECT,
        )
    assert not Project.objects.exists()


def test_a_decision_is_tied_to_a_project_once(cast, body):
    first, second = (
        finalised_meeting(body, cast.operator).decisions.get() for _ in range(2)
    )
    project = actions.create_project(
        first, by=cast.head, lead_village=cast.besani, partner_villages=[], **PROJECT
    )
    actions.link_project(second, by=cast.operator, project=project)
    with pytest.raises(ValidationError):
        actions.link_project(second, by=cast.operator, project=project)
    assert project.decision_links.count() == 2


def test_what_was_decided_may_ask_from_a_source_that_demands_it(cast, body):
    source = make_source("dd", "Dana Desa", needs_decision=True)
    ceiling = make_allotment(cast.district, source=source)
    decision = finalised_meeting(body, cast.operator).decisions.get()
    project = actions.create_project(
        decision, by=cast.head, lead_village=cast.besani, partner_villages=[], **PROJECT
    )
    assert submitted_request(project, ceiling).status == "submitted"
