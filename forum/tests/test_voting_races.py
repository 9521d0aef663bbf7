"""Two at once: real threads on real connections, let go by a barrier."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from forum.meetings import actions as meetings
from forum.models import Ballot, OfficialRecord
from forum.tests.make import (
    make_ballot,
    make_body,
    make_electors,
    make_ready_meeting,
)
from forum.voting import actions
from forum.voting.models import COUNTS
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_ready_meeting(body, cast.operator)
    make_electors(meeting, cast.besani, cast.timbang)
    return meeting


def count(ballot, by, votes_for):
    counts = dict.fromkeys(COUNTS, 0) | {"votes_for": votes_for}
    return actions.count(ballot, by=by, version=ballot.version, **counts)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_two_who_open_at_once_open_one(cast, meeting):
    outcomes = at_once(
        *(
            lambda by=by: make_ballot(meeting, by)
            for by in (cast.operator, cast.other_operator) * 2
        )
    )
    assert kinds(outcomes) == ["Ballot"] + ["ValidationError"] * 3
    assert Ballot.objects.count() == 1


def test_two_who_confirm_at_once_confirm_once(cast, meeting):
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
    outcomes = at_once(
        *(
            lambda by=by: actions.confirm(ballot, by=by, version=2)
            for by in (cast.other_operator, cast.lurah, cast.camat)
        )
    )
    assert kinds(outcomes) == ["Ballot", "PermissionDenied", "PermissionDenied"]


def test_what_is_confirmed_while_it_is_counted_is_what_was_read(cast, meeting):
    for votes_for in (1, 2, 1, 2):
        ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
        counted, confirmed = at_once(
            lambda b=ballot, n=votes_for: count(b, cast.sekcam, n),
            lambda b=ballot: actions.confirm(b, by=cast.lurah, version=2),
        )
        ballot.refresh_from_db()
        if isinstance(confirmed, Ballot):
            assert isinstance(counted, PermissionDenied)
            assert (ballot.votes_for, ballot.counted_by) == (2, cast.operator)
        else:
            assert isinstance(confirmed, Stale), confirmed
            assert (ballot.votes_for, ballot.counted_by) == (votes_for, cast.sekcam)
            actions.cancel(ballot, by=cast.operator, reason="Selesai.")


def test_of_two_who_count_at_once_one_is_told(cast, meeting):
    ballot = make_ballot(meeting, cast.operator)
    outcomes = at_once(
        *(
            lambda by=by: count(ballot, by, 1)
            for by in (cast.operator, cast.other_operator)
        )
    )
    assert kinds(outcomes) == ["Ballot", "Stale"]


def test_two_who_decide_at_once_make_one_decision(cast, meeting):
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0), second=cast.lurah)
    outcomes = at_once(
        *(
            lambda by=by: actions.decide(ballot, by=by)
            for by in (cast.operator, cast.other_operator)
        )
    )
    assert kinds(outcomes) == ["Decision", "PermissionDenied"]
    assert meeting.decisions.count() == 2


def test_a_meeting_never_ends_with_a_ballot_open(cast, meeting):
    opened, ended = at_once(
        lambda: make_ballot(meeting, cast.other_operator),
        lambda: meetings.finalise(meeting, by=cast.operator, version=1),
    )
    if isinstance(ended, OfficialRecord):
        assert isinstance(opened, PermissionDenied)
    else:
        assert isinstance(ended, Stale | ValidationError) and Ballot.objects.exists()
