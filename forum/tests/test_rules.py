"""Who may what with meetings: each rule as a table of people and things."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator

from forum.meetings.models import ActionItem, Body, Decision, Meeting
from forum.tests.make import (
    at,
    finalised_meeting,
    make_action_item,
    make_body,
    make_decision,
    make_meeting,
    make_ready_meeting,
)
from leksono_portal.kit import dates
from villages.models import Office
from villages.people.models import Post
from villages.tests.make import make_officer

EVERYONE = (
    "operator head other_operator other_head lurah camat sekcam verifier treasurer "
    "admin resident far_operator far_camat stranger"
).split()
WRITERS = {"operator", "other_operator", "lurah", "sekcam"}
HEADS = {"head", "other_head"}


@pytest.fixture
def body(cast):
    cast.stranger = AnonymousUser()
    return make_body(cast.district, cast.besani, cast.timbang, cast.leksono)


def allowed(cast, rule):
    return {who for who in EVERYONE if rule(getattr(cast, who))}


def test_meetings_are_logged_by_member_operators_secretaries_and_the_sekcam(cast, body):
    meeting = make_meeting(body, cast.operator)
    assert WRITERS == allowed(
        cast, lambda user: Body.objects.writable_by(user).contains(body)
    )
    assert WRITERS == allowed(
        cast, lambda user: Meeting.objects.writable_by(user).contains(meeting)
    )


def test_village_secretaries_write_too(cast, body):
    secretary = make_officer("sekdes.besani", Post.VILLAGE_SECRETARY, cast.besani)
    assert Body.objects.writable_by(secretary).contains(body)


def test_nobody_writes_a_final_meeting(cast, body):
    meeting = finalised_meeting(body, cast.operator)
    assert not allowed(
        cast, lambda user: Meeting.objects.writable_by(user).contains(meeting)
    )
    assert not allowed(
        cast, lambda user: Meeting.objects.finalisable_by(user).contains(meeting)
    )


def test_everyone_sees_the_invitation_and_writers_the_draft(cast, body):
    meeting = make_meeting(body, cast.operator, chair=cast.head)
    decision = make_decision(meeting)
    task = make_action_item(meeting, cast.besani)
    assert set(EVERYONE) == allowed(
        cast, lambda user: Meeting.objects.visible_to(user).contains(meeting)
    )
    readers = WRITERS | {"head"}
    for model, row in ((Decision, decision), (ActionItem, task)):
        assert readers == allowed(
            cast, lambda u, m=model, r=row: m.objects.visible_to(u).contains(r)
        )


def test_everyone_reads_a_final_meeting(cast, body):
    decision = finalised_meeting(body, cast.operator).decisions.get()
    assert set(EVERYONE) == allowed(
        cast, lambda user: Decision.objects.visible_to(user).contains(decision)
    )


def test_chair_and_secretary_finalise_and_nobody_else(cast, body):
    meeting = make_meeting(body, cast.operator, chair=cast.camat)
    assert {"operator", "camat"} == allowed(
        cast, lambda user: Meeting.objects.finalisable_by(user).contains(meeting)
    )


def test_a_chair_whose_office_has_ended_finalises_no_more(cast, body):
    meeting = make_ready_meeting(body, cast.operator)
    yesterday = dates.today() - timedelta(days=1)
    Office.objects.filter(user=cast.operator).update(ends_on=yesterday)
    assert not Meeting.objects.finalisable_by(cast.operator).contains(meeting)
    assert not Meeting.objects.writable_by(cast.operator).contains(meeting)


def test_projects_come_from_final_decisions_by_writers_and_village_heads(cast, body):
    draft = make_decision(make_meeting(body, cast.operator))
    final = finalised_meeting(body, cast.operator).decisions.get()
    assert not allowed(
        cast, lambda user: Decision.objects.projects_made_by(user).contains(draft)
    )
    assert WRITERS | HEADS == allowed(
        cast, lambda user: Decision.objects.projects_made_by(user).contains(final)
    )


def test_follow_up_is_ticked_by_the_village_that_answers_for_it(cast, body):
    meeting = make_meeting(body, cast.operator)
    village = make_action_item(meeting, cast.besani)
    district = make_action_item(meeting)
    assert {"operator", "head", "sekcam"} == allowed(
        cast, lambda user: ActionItem.objects.finishable_by(user).contains(village)
    )
    assert {"sekcam"} == allowed(
        cast, lambda user: ActionItem.objects.finishable_by(user).contains(district)
    )


def test_every_rule_can_be_locked(cast, body):
    make_ready_meeting(body, cast.operator)
    for rule in (Meeting.objects.writable_by, Meeting.objects.finalisable_by):
        assert rule(cast.operator).select_for_update(of=("self",)).first()


@pytest.mark.parametrize(
    ("invited", "needed"), [(14, 10), (42, 28), (3, 2), (1, 1), (0, 0)]
)
def test_the_quorum_is_rounded_up(cast, body, invited, needed):
    assert body.needed(invited) == needed


def test_the_list_goes_from_the_next_to_the_oldest_on_every_page(cast, body):
    days = [-30, 2, -1, 0, 9, -400, 5]
    for day in days:
        begin = at(dates.today() + timedelta(days=day), 9)
        end = begin + timedelta(hours=2)
        make_meeting(body, cast.operator, starts_at=begin, ends_at=end, title=str(day))
    wanted = [str(day) for day in (0, 2, 5, 9, -1, -30, -400)]
    for size in range(1, 9):
        listed = Meeting.objects.select_related("body").from_next_to_oldest()
        pages = Paginator(listed, size)
        shown = [meeting.title for page in pages for meeting in page.object_list]
        assert shown == wanted, size
