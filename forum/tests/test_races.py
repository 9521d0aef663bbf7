"""Two at once: real threads on real connections, let go by a barrier."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from forum.followup import actions as followup
from forum.meetings import actions, cells, changes
from forum.meetings.changes import Write
from forum.models import (
    AgendaItem,
    Change,
    Decision,
    Meeting,
    OfficialRecord,
    Participant,
)
from forum.tests.make import (
    at,
    make_action_item,
    make_agenda,
    make_body,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang)


def test_two_who_finalise_at_once_make_one_record(cast, body):
    meeting = make_ready_meeting(body, cast.operator, chair=cast.sekcam)
    outcomes = at_once(
        *(
            lambda by=by: actions.finalise(meeting, by=by, version=1)
            for by in (cast.operator, cast.sekcam)
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "OfficialRecord",
        "PermissionDenied",
    ]
    assert OfficialRecord.objects.count() == 1
    # The berita acara and its attendance list.
    assert StoredPaper.objects.count() == 2


def test_a_save_that_races_the_end_is_in_the_record_or_refused(cast, body):
    for round_number in range(6):
        meeting = make_ready_meeting(body, cast.operator)
        item = meeting.agenda.first()
        ended, saved = at_once(
            lambda m=meeting: actions.finalise(m, by=cast.operator, version=1),
            lambda i=item: actions.save_agenda_item(
                i, by=cast.other_operator, version=1, note="Terlambat"
            ),
        )
        item.refresh_from_db()
        if isinstance(ended, OfficialRecord):
            assert isinstance(saved, PermissionDenied), round_number
            assert item.note == ""
        else:
            assert isinstance(ended, Stale), ended
            assert item.note == "Terlambat"


def test_eight_meetings_that_end_at_once_get_numbers_without_gaps(cast, body):
    meetings = [make_ready_meeting(body, cast.operator) for _ in range(8)]
    at_once(
        *(
            lambda m=meeting: actions.finalise(m, by=cast.operator, version=1)
            for meeting in meetings
        )
    )
    sequences = OfficialRecord.objects.order_by("sequence")
    assert [record.sequence for record in sequences] == list(range(1, 9))
    assert Meeting.objects.filter(finalised_at=None).count() == 0


def test_decisions_added_at_once_get_numbers_of_their_own(cast, body):
    meeting = make_meeting(body, cast.operator)
    at_once(
        *(
            lambda by=by: actions.add_decision(meeting, by=by, text="Keputusan")
            for by in (cast.operator, cast.other_operator, cast.sekcam) * 2
        )
    )
    numbers = Decision.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]


def test_of_two_notes_saved_at_once_one_is_kept_and_one_is_told(cast, body):
    item = make_agenda(make_meeting(body, cast.operator), "Bobot")[0]
    outcomes = at_once(
        *(
            lambda by=by: actions.save_agenda_item(
                item, by=by, version=1, note=by.username
            )
            for by in (cast.operator, cast.other_operator)
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "AgendaItem",
        "Stale",
    ]
    item.refresh_from_db()
    assert (item.version, item.meeting.version) == (2, 2)


def test_attendance_ticked_at_once_is_all_kept(cast, body):
    meeting = make_meeting(body, cast.operator)
    people = [
        make_participant(meeting, cast.besani, name=str(n), present=False)
        for n in range(6)
    ]
    at_once(
        *(
            lambda p=person: actions.save_attendance(
                meeting, by=cast.operator, was=set(), now={p.pk}
            )
            for person in people
        )
    )
    assert Participant.objects.filter(present=True).count() == 6
    meeting.refresh_from_db()
    assert meeting.version == 7


def test_follow_up_done_by_two_at_once_is_done_by_one(cast, body):
    task = make_action_item(make_meeting(body, cast.operator), cast.besani)
    outcomes = at_once(
        *(
            lambda by=by: actions.finish_action_item(task, by=by)
            for by in (cast.operator, cast.head)
        )
    )
    assert sum(isinstance(o, PermissionDenied) for o in outcomes) == 1


def test_what_was_put_off_goes_onto_one_of_the_meetings_called_at_once(cast, body):
    past = make_ready_meeting(body, cast.operator)
    past.agenda.update(is_deferred=True)
    actions.finalise(past, by=cast.operator, version=1)
    outcomes = at_once(
        *(
            lambda by=by: actions.call_meeting(
                by=by,
                body=body,
                title=by.username,
                starts_at=at(dates.today(), 9),
                place="Balai desa",
            )
            for by in (cast.operator, cast.other_operator, cast.sekcam) * 2
        )
    )
    assert [type(outcome) for outcome in outcomes] == [Meeting] * 6
    carried = AgendaItem.objects.filter(meeting__in=outcomes)
    assert sorted(item.title for item in carried) == sorted(
        item.title for item in past.agenda.all()
    )


def test_items_that_change_places_between_two_meetings_do_not_block_each_other(
    cast, body
):
    first, second = (make_meeting(body, cast.operator, title=t) for t in "AB")
    rows = [
        (*make_agenda(first, *"abc"), second),
        (*make_agenda(second, *"xyz"), first),
    ]
    outcomes = at_once(
        *(
            lambda i=item, t=target, by=by: followup.move(i, by=by, target=t)
            for (*items, target), by in zip(
                rows, (cast.operator, cast.sekcam), strict=True
            )
            for item in items
        )
    )
    assert [type(outcome) for outcome in outcomes] == [AgendaItem] * 6
    for meeting, titles in ((first, "xyz"), (second, "abc")):
        agenda = list(meeting.agenda.all())
        assert sorted(item.title for item in agenda) == list(titles)
        assert [item.position for item in agenda] == [1, 2, 3]


def test_twenty_who_write_at_once_are_numbered_and_all_there(cast, body):
    item = make_agenda(make_meeting(body, cast.operator), "Bobot")[0]
    name = cells.name_of(item, "note")
    words = [f"Kata {n}" for n in range(20)]
    outcomes = at_once(
        *(
            lambda word=word, by=by: changes.apply(
                item.meeting, by=by, device=None, changes=[Write(name, word, base=0)]
            )
            for word, by in zip(
                words, [cast.operator, cast.other_operator] * 10, strict=True
            )
        )
    )
    assert [type(outcome) for outcome in outcomes] == [list] * 20
    log = Change.objects.order_by("number")
    assert [change.number for change in log] == list(range(1, 21))
    item.refresh_from_db()
    beside = [change.value for change in Change.objects.open_conflicts()]
    assert sorted([item.note, *beside]) == sorted(words)


def test_one_change_sent_five_times_at_once_takes_effect_once(cast, body):
    item = make_agenda(make_meeting(body, cast.operator), "Bobot")[0]
    write = Write(cells.name_of(item, "note"), "Sekali", base=0)
    device = uuid4()
    outcomes = at_once(
        *[
            lambda: changes.apply(
                item.meeting, by=cast.operator, device=device, changes=[write]
            )
        ]
        * 5
    )
    assert {answers[0].change.outcome for answers in outcomes} == {"applied"}
    assert Change.objects.count() == 1


def test_writes_that_race_the_end_are_in_the_record_or_refused(cast, body):
    for round_number in range(4):
        meeting = make_ready_meeting(body, cast.operator)
        item = meeting.agenda.first()
        write = Write(cells.name_of(item, "note"), "Terlambat", base=0)
        ended, saved = at_once(
            lambda m=meeting: actions.finalise(m, by=cast.operator, version=1),
            lambda m=meeting, w=write: changes.apply(
                m, by=cast.other_operator, device=None, changes=[w]
            ),
        )
        item.refresh_from_db()
        [answer] = saved
        if isinstance(ended, OfficialRecord):
            assert answer.change.outcome == "refused", round_number
            assert item.note == "" and Change.objects.filter(pk=write.id).exists()
        else:
            assert isinstance(ended, Stale), ended
            assert item.note == "Terlambat"
