"""What the database refuses of ballots, whoever asks: attacked as the web role."""

import pytest
from django.db import DatabaseError, transaction

from forum.meetings import actions as meetings
from forum.tests.make import (
    make_ballot,
    make_body,
    make_electors,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from forum.voting import actions

COUNTED = (
    "votes_for = {}, votes_against = 0, votes_abstain = 0, votes_invalid = 0,"
    " counted_at = now(), counted_by_id = opened_by_id"
)
OPENED = "question, rule, entitled, opened_at, opened_by_id, version, reason"
CONFIRM = (
    "UPDATE forum_ballot SET confirmed_at = now(), confirmed_by_id = {} WHERE id = {}"
)


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_ready_meeting(body, cast.operator)
    make_electors(meeting, cast.besani, cast.timbang)
    return meeting


@pytest.fixture
def attack(as_web_role):
    """`attack(sql, ...)`: the words with which the database refuses; it must."""

    def refused(*statements):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            with as_web_role() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return str(caught.value)

    return refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("votes_for = 2", "counted_whole"),
        (COUNTED.format(3), "no_more_than_the_entitled"),
        (COUNTED.format(0), "counts_someone"),
        (COUNTED.format(-1), "votes_for"),
        ("entitled = 9", "hanya"),
        ("question = 'Lain'", "hanya"),
        ("rule = 'present'", "hanya"),
        ("key = gen_random_uuid()", "hanya"),
        ("agenda_item_id = NULL", "hanya"),
        ("opened_by_id = opened_by_id + 1", "hanya"),
        ("needed = 1", "needed"),
        ("reason = 'x'", "cancelled_for_a_reason"),
        ("cancelled_at = now(), cancelled_by_id = opened_by_id", "for_a_reason"),
        ("confirmed_at = now()", "disahkan orang kedua"),
    ],
)
def test_an_open_ballot_takes_only_whole_counts(cast, meeting, attack, change, words):
    make_ballot(meeting, cast.operator, agenda_item=meeting.agenda.first())
    assert words in attack(f"UPDATE forum_ballot SET {change}")


def test_only_a_second_person_of_elsewhere_confirms_what_was_counted(
    cast, meeting, attack, as_web_role
):
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
    for user in (
        cast.operator,
        cast.head,
        cast.lurah,  # of no member village of this body
        cast.resident,
        cast.far_camat,
    ):
        words = attack(CONFIRM.format(user.pk, ballot.pk))
        assert "orang kedua" in words or "second_person" in words
    of_timbang = cast.other_operator.pk
    swapped = CONFIRM.replace("SET", "SET votes_for = 1, votes_against = 1,")
    assert "orang kedua" in attack(swapped.format(of_timbang, ballot.pk))
    past = CONFIRM.replace("now()", "now() - interval '90 years'")
    assert "orang kedua" in attack(past.format(of_timbang, ballot.pk))
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(CONFIRM.format(of_timbang, ballot.pk))


@pytest.mark.parametrize("how", ["confirmed", "cancelled", "final"])
def test_what_is_closed_never_changes(cast, meeting, attack, how):
    counted = {"counts": (2, 0, 0, 0)}
    if how == "cancelled":
        ballot = make_ballot(meeting, cast.operator, **counted)
        actions.cancel(ballot, by=cast.operator, reason="Salah bunyi.")
    else:
        make_ballot(meeting, cast.operator, **counted, second=cast.other_operator)
    if how == "final":
        meeting.refresh_from_db()
        meetings.finalise(meeting, by=cast.operator, version=meeting.version)
        words = attack(
            f"INSERT INTO forum_ballot (meeting_id, key, {OPENED}) SELECT meeting_id,"
            f" gen_random_uuid(), {OPENED} FROM forum_ballot"
        )
        assert "final" in words
    for sql in (
        "UPDATE forum_ballot SET votes_for = 1",
        "UPDATE forum_ballot SET confirmed_at = now()",
        "UPDATE forum_ballot SET confirmed_at = NULL, confirmed_by_id = NULL",
        "UPDATE forum_ballot SET cancelled_at = NULL, cancelled_by_id = NULL, reason = ''",
        "UPDATE forum_ballot SET version = version + 1",
        "DELETE FROM forum_ballot",
        "UPDATE forum_elector SET name = 'Lain'",
        "DELETE FROM forum_elector",
    ):
        attack(sql)


def test_only_who_is_present_with_a_vote_is_entitled_and_only_at_opening(
    cast, meeting, attack
):
    absent = make_participant(meeting, cast.besani, present=False, may_vote=True)
    without = make_participant(meeting, cast.besani)
    late = make_electors(meeting, cast.besani)[0]
    elsewhere = make_electors(make_meeting(meeting.body, cast.operator), cast.besani)[0]
    late_sql = (
        "INSERT INTO forum_elector (ballot_id, participant, name, village_id, proxy)"
        " SELECT {}, key, name, village_id, '' FROM forum_participant WHERE id = {}"
    )
    meeting.participants.filter(pk=late.pk).update(present=False)
    ballot = make_ballot(meeting, cast.operator)
    meeting.participants.filter(pk=late.pk).update(present=True)
    for person in (absent, without, elsewhere):
        words = attack(late_sql.format(ballot.pk, person.pk))
        assert "tidak hadir, atau tanpa hak suara" in words
    assert "saat dibuka" in attack(late_sql.format(ballot.pk, late.pk))
    first = meeting.participants.filter(may_vote=True, present=True).first()
    assert "elector_once" in attack(late_sql.format(ballot.pk, first.pk))
    opening = (
        f"INSERT INTO forum_ballot (meeting_id, key, agenda_item_id, {OPENED})"
        " SELECT meeting_id, gen_random_uuid(), {}, question, rule, {}, opened_at,"
        f" opened_by_id, version, reason FROM forum_ballot WHERE id = {ballot.pk}"
    )
    item, alien = (
        meeting.agenda.first().pk,
        make_ready_meeting(meeting.body, cast.operator).agenda.first().pk,
    )
    assert "ballot_open_once" in attack(opening.format("NULL", 1))
    assert "saat dibuka" in attack(opening.format(item, 1))
    assert "someone_is_entitled" in attack(opening.format(item, 0))
    assert "baru dibuka" in attack(opening.format(alien, 1))
    assert "votes_for_a_village" in attack(
        "UPDATE forum_participant SET may_vote = true, village_id = NULL,"
        " institution = 'x', signs = false"
    )


def test_a_vote_without_its_ballot_is_no_decision_and_an_open_one_no_record(
    cast, meeting, attack, as_web_role
):
    second = {"second": cast.other_operator}
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
    decided = (
        "UPDATE forum_decision SET method = 'vote', key = '{}', votes_for = {},"
        " votes_against = 0, votes_abstain = 0"
    )
    unconfirmed = decided.format(ballot.key, 2)
    assert "tanpa pemungutan" in attack(unconfirmed)
    assert "belum disahkan" in attack("UPDATE forum_meeting SET finalised_at = now()")
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(CONFIRM.format(cast.other_operator.pk, ballot.pk))
    failed = make_ballot(meeting, cast.operator, counts=(1, 1, 0, 0), **second)
    for sql in (
        decided.format(ballot.key, 1),
        decided.format(failed.key, 1),
        decided.format(meeting.decisions.get().key, 2),
    ):
        assert "tanpa pemungutan" in attack(sql)
    with transaction.atomic(), as_web_role() as cursor:
        cursor.execute(decided.format(ballot.key, 2))
    assert "tanpa pemungutan" in attack("UPDATE forum_decision SET votes_for = 3")
