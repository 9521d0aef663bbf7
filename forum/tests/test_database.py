"""What the database refuses, whoever asks: attacked as the web server's role."""

import pytest
from django.db import DatabaseError, transaction

from forum.meetings import actions
from forum.models import RecordCounter
from forum.tests.make import (
    finalised_meeting,
    make_action_item,
    make_body,
    make_meeting,
    make_ready_meeting,
)
from leksono_portal.kit import dates

PROTECTED = (
    "forum_meeting forum_agendaitem forum_participant forum_decision forum_actionitem "
    "forum_officialrecord forum_decisionlink forum_recordcounter forum_change "
    "forum_postponement"
).split()
FINAL_ATTACKS = [
    "UPDATE forum_meeting SET title = 'lain'",
    "UPDATE forum_meeting SET finalised_at = NULL",
    "DELETE FROM forum_meeting",
    "UPDATE forum_agendaitem SET note = 'lain'",
    "UPDATE forum_agendaitem SET is_deferred = true",
    "UPDATE forum_agendaitem SET carried_from_id = id",
    "UPDATE forum_agendaitem SET is_internal = NOT is_internal",
    "INSERT INTO forum_postponement (meeting_id, kind, at, until, by_id,"
    " present_delegates, present_villages) SELECT id, 'delay', now(),"
    " now() + interval '1 hour', created_by_id, 0, 0 FROM forum_meeting",
    "DELETE FROM forum_agendaitem",
    "UPDATE forum_participant SET present = NOT present",
    "DELETE FROM forum_participant",
    "UPDATE forum_participant SET proxy_for = 'lain'",
    "INSERT INTO forum_checkin (meeting_id, participant_key, user_id, at)"
    " SELECT id, gen_random_uuid(), created_by_id, now() FROM forum_meeting",
    "WITH f AS (INSERT INTO kit_storedfile (name, kind, byte_size, sha256, stored_at)"
    " VALUES (gen_random_uuid(), 'pdf', 1, 'x', now()) RETURNING id)"
    " INSERT INTO forum_proxyletter (meeting_id, participant_key, file_id, sha256,"
    " by_id, at) SELECT m.id, gen_random_uuid(), f.id, 'x', m.created_by_id, now()"
    " FROM forum_meeting m, f",
    "UPDATE forum_decision SET text = 'lain'",
    "DELETE FROM forum_decision",
    "UPDATE forum_actionitem SET task = 'lain'",
    "UPDATE forum_actionitem SET due_on = due_on + 1",
    "DELETE FROM forum_actionitem",
    "UPDATE forum_officialrecord SET number = 'lain'",
    "DELETE FROM forum_officialrecord",
    "DELETE FROM forum_recordcounter",
    "UPDATE forum_recordcounter SET last = last - 1",
    "UPDATE forum_recordcounter SET last = last + 2",
    "UPDATE kit_storedpaper SET content = '{}'",
    "DELETE FROM kit_storedpaper",
    "INSERT INTO forum_agendaitem (meeting_id, position, title, note, version,"
    " updated_by_id, updated_at) SELECT id, 99, 'x', '', 1, created_by_id, now()"
    " FROM forum_meeting",
    "INSERT INTO forum_decision (meeting_id, number, text, method, dissent, version,"
    " updated_by_id, updated_at) SELECT id, 99, 'x', 'consensus', '', 1,"
    " created_by_id, now() FROM forum_meeting",
]


@pytest.fixture
def final(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_ready_meeting(body, cast.operator)
    make_action_item(meeting, cast.besani)
    actions.finalise(meeting, by=cast.operator, version=meeting.version)
    return meeting


def refused(as_web_role, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("sql", FINAL_ATTACKS)
def test_a_final_meeting_stays_as_it_was_signed(final, as_web_role, sql):
    refused(as_web_role, sql)


@pytest.mark.parametrize("table", PROTECTED)
@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
    ],
)
def test_no_table_is_emptied_or_disarmed(final, as_web_role, table, sql):
    refused(as_web_role, sql.format(table))


@pytest.mark.parametrize(
    "sql",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
    ],
)
def test_triggers_cannot_be_bypassed(final, as_web_role, sql):
    refused(as_web_role, sql)


def test_a_follow_up_of_a_final_meeting_can_be_ticked_off(final, as_web_role):
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(
            "UPDATE forum_actionitem SET done_on = current_date,"
            " done_by_id = updated_by_id, version = version + 1"
        )
        assert cursor.rowcount == 1


def test_final_and_record_come_together(cast, as_web_role):
    body = make_body(cast.district, cast.besani)
    make_ready_meeting(body, cast.operator)
    refused(as_web_role, "UPDATE forum_meeting SET finalised_at = now()")
    RecordCounter.objects.create(body=body, year=dates.today().year)
    refused(
        as_web_role,
        "WITH paper AS (INSERT INTO kit_storedpaper (kind, code, template, content,"
        " content_sha256, created_at)"
        " VALUES ('x', '0123456789ABCDEF', 'x', '{}', 'x', now()) RETURNING id)"
        " INSERT INTO forum_officialrecord (meeting_id, body_id, year, sequence, number,"
        " paper_id, by_id, at) SELECT m.id, m.body_id, 2026, 1, 'x', paper.id,"
        " m.created_by_id, now() FROM forum_meeting m, paper",
    )


def test_a_part_does_not_move_to_another_meeting(cast, as_web_role):
    body = make_body(cast.district, cast.besani)
    make_ready_meeting(body, cast.operator)
    other = make_meeting(body, cast.operator)
    refused(as_web_role, f"UPDATE forum_decision SET meeting_id = {other.pk}")


@pytest.mark.parametrize(
    "change",
    [
        "method = 'vote'",
        "votes_for = 3",
        "method = 'vote', votes_for = 2, votes_against = 1, votes_abstain = 1",
    ],
)
def test_votes_are_counted_if_and_only_if_voted_and_need_more_than_half(
    cast, as_web_role, change
):
    make_ready_meeting(make_body(cast.district, cast.besani), cast.operator)
    refused(as_web_role, f"UPDATE forum_decision SET {change}")


def test_two_decisions_never_share_a_number(cast, as_web_role):
    meeting = make_ready_meeting(make_body(cast.district, cast.besani), cast.operator)
    refused(
        as_web_role,
        "INSERT INTO forum_decision (meeting_id, number, text, method, dissent, version,"
        " updated_by_id, updated_at) SELECT meeting_id, number, 'x', 'consensus', '', 1,"
        f" updated_by_id, now() FROM forum_decision WHERE meeting_id = {meeting.pk}",
    )


def test_the_same_number_is_never_given_twice(cast, as_web_role):
    body = make_body(cast.district, cast.besani)
    finalised_meeting(body, cast.operator)
    finalised_meeting(body, cast.operator)
    refused(
        as_web_role,
        "INSERT INTO forum_recordcounter (body_id, year, last)"
        " SELECT body_id, year, 0 FROM forum_recordcounter",
    )


def test_an_item_continues_only_what_a_final_meeting_of_its_body_put_off(
    cast, as_web_role
):
    """Not what was dealt with, nor is still open, nor another body's, nor twice."""
    body = make_body(cast.district, cast.besani)
    other = make_body(cast.district, cast.besani, name="Lain", code="LAIN")
    sources = []
    for owner in (body, other):
        past = make_ready_meeting(owner, cast.operator)
        past.agenda.filter(position=1).update(is_deferred=True)
        actions.finalise(past, by=cast.operator, version=past.version)
        sources += past.agenda.all()
    put_off, dealt_with = sources[:2]
    still_open = make_ready_meeting(body, cast.operator).agenda.first()
    type(still_open).objects.filter(pk=still_open.pk).update(is_deferred=True)
    items = make_ready_meeting(body, cast.operator, title="Lanjutan").agenda.all()
    carry = "UPDATE forum_agendaitem SET carried_from_id = {} WHERE id = {}"
    for source in (dealt_with, still_open, sources[3]):
        refused(as_web_role, carry.format(source.pk, items[0].pk))
    with as_web_role() as cursor:
        cursor.execute(carry.format(put_off.pk, items[0].pk))
    refused(as_web_role, carry.format(put_off.pk, items[1].pk))


ROW = (
    "INSERT INTO forum_change (id, meeting_id, number, author_id, device, seq, cell,"
    " base, outcome, version, row_version, reason, received_at)"
    " SELECT gen_random_uuid(), id, {number}, created_by_id, gen_random_uuid(), 1, 'x',"
    " 0, {outcome}, now() FROM forum_meeting"
)
APPLIED, REFUSED = "'applied', 1, 1, ''", "'refused', 0, NULL, 'Sudah final.'"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE forum_change SET value = NULL",
        "DELETE FROM forum_change",
        "TRUNCATE forum_change",
        ROW.format(number=1, outcome=APPLIED),
        ROW.format(number=3, outcome=APPLIED),
        ROW.format(number=2, outcome="'applied', 0, 1, ''"),
        ROW.format(number=2, outcome="'applied', 1, NULL, ''"),
        ROW.format(number=2, outcome="'refused', 0, NULL, ''"),
        ROW.format(number=2, outcome="'merged', 1, 1, ''"),
        ROW.format(number=2, outcome="'lain', 1, NULL, ''"),
    ],
)
def test_the_log_of_a_meeting_only_grows_by_one_true_row(cast, as_web_role, sql):
    meeting = make_meeting(make_body(cast.district, cast.besani), cast.operator)
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(ROW.format(number=1, outcome="'conflict', 0, NULL, ''"))
    assert meeting.changes.count() == 1
    refused(as_web_role, sql)


def test_the_log_of_a_final_meeting_takes_what_was_refused_alone(final, as_web_role):
    refused(as_web_role, ROW.format(number=1, outcome=APPLIED))
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(ROW.format(number=1, outcome=REFUSED))
