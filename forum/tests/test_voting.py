"""The rules of a ballot: who votes, counts and confirms, and what comes of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from forum.meetings import actions as meetings
from forum.meetings import papers
from forum.models import Ballot, Meeting
from forum.tests.make import (
    make_ballot,
    make_body,
    make_decision,
    make_electors,
    make_participant,
    make_ready_meeting,
)
from forum.voting import actions
from forum.voting.models import COUNTS
from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from villages.people.models import Office, Post


@pytest.fixture
def meeting(cast):
    """Five delegates with a vote are present, and others without one."""
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_ready_meeting(body, cast.operator)
    make_electors(meeting, cast.besani, cast.timbang, cast.leksono)
    make_electors(meeting, cast.besani, cast.timbang)
    make_participant(meeting, cast.timbang, may_vote=True, present=False)
    make_participant(meeting, None)
    return meeting


def count(ballot, by, *counts, version=1):
    counts = dict(zip(COUNTS, counts, strict=True))
    return actions.count(ballot, by=by, version=version, **counts)


def finalise(meeting, by):
    meeting.refresh_from_db()
    return meetings.finalise(meeting, by=by, version=meeting.version)


@pytest.mark.parametrize(
    ("rule", "counts", "result"),
    [
        ("cast", (3, 2, 0, 0), "Disetujui: 3 dari 5 suara; perlu 3."),
        ("cast", (2, 1, 0, 0), "Disetujui: 2 dari 3 suara; perlu 2."),
        ("cast", (2, 1, 1, 0), "Tidak disetujui: 2 dari 4 suara; perlu 3."),
        ("cast", (2, 0, 0, 2), "Tidak disetujui: 2 dari 4 suara; perlu 3."),
        ("present", (3, 0, 0, 0), "Disetujui: 3 dari 5 utusan; perlu 3."),
        ("present", (2, 1, 0, 0), "Tidak disetujui: 2 dari 5 utusan; perlu 3."),
        ("two_thirds", (2, 1, 0, 0), "Disetujui: 2 dari 3 suara; perlu 2."),
        ("two_thirds", (3, 2, 0, 0), "Tidak disetujui: 3 dari 5 suara; perlu 4."),
    ],
)
def test_what_passes_by_each_rule(cast, meeting, rule, counts, result):
    second = {"counts": counts, "second": cast.other_operator}
    ballot = make_ballot(meeting, cast.operator, rule=rule, **second)
    assert str(ballot.result) == result
    assert ballot.passed is result.startswith("Disetujui")


def test_who_is_present_with_a_vote_is_fixed_at_opening(cast, meeting):
    ballot = make_ballot(meeting, cast.operator)
    assert ballot.entitled == ballot.electors.count() == 5
    meeting.participants.update(present=True, may_vote=False)
    with pytest.raises(ValidationError, match="Yang tidak hadir tidak dapat memilih"):
        count(ballot, cast.operator, 4, 2, 0, 0)
    with pytest.raises(ValidationError, match="tidak hadir tidak dapat memilih"):
        make_ballot(meeting, cast.operator)
    with pytest.raises(ValidationError, match="satu suara pun"):
        count(ballot, cast.operator, 0, 0, 0, 0)
    assert count(ballot, cast.operator, 4, 1, 0, 0).cast == 5


def test_who_may_vote_is_marked_for_all_at_once_and_never_without_a_village(
    cast, meeting
):
    guest = meeting.participants.get(village=None)
    new = meeting.participants.get(village__isnull=False, may_vote=False)
    old = meeting.participants.filter(may_vote=True).first()
    changed = actions.designate(
        meeting, by=cast.operator, was={old.pk}, now={new.pk, guest.pk}
    )
    votes = dict(meeting.participants.values_list("pk", "may_vote"))
    assert (changed, votes[new.pk], votes[old.pk], votes[guest.pk]) == (2, 1, 0, 0)
    with pytest.raises(ValidationError, match="Hanya utusan desa"):
        meetings.save_participant(guest, by=cast.operator, version=1, may_vote=True)


def test_one_ballot_is_open_on_an_item(cast, meeting):
    first, second, *_rest = meeting.agenda.all()
    ballot = make_ballot(meeting, cast.operator, agenda_item=first)
    make_ballot(meeting, cast.operator, agenda_item=second)
    make_ballot(meeting, cast.operator)
    for item in (first, None):
        with pytest.raises(ValidationError, match="terbuka di sini"):
            make_ballot(meeting, cast.operator, agenda_item=item)
    actions.cancel(ballot, by=cast.operator, reason="Salah bunyi.")
    make_ballot(meeting, cast.operator, agenda_item=first)


def test_an_item_that_was_voted_on_stays_where_it_is(cast, meeting):
    item = meeting.agenda.first()
    make_ballot(meeting, cast.operator, agenda_item=item)
    with pytest.raises(ValidationError, match="pemungutan suara"):
        meetings.remove_agenda_item(item, by=cast.operator)
    alien = make_ready_meeting(meeting.body, cast.operator).agenda.first()
    with pytest.raises(ValidationError, match="sudah dihapus"):
        make_ballot(meeting, cast.operator, agenda_item=alien)


def test_counts_are_corrected_by_those_who_read_the_last_and_leave_a_trace(
    cast, meeting
):
    ballot = count(make_ballot(meeting, cast.operator), cast.operator, 3, 2, 0, 0)
    with pytest.raises(Stale):
        count(ballot, cast.other_operator, 5, 0, 0, 0, version=1)
    ballot = count(ballot, cast.other_operator, 2, 3, 0, 0, version=2)
    assert (ballot.counted_by, ballot.version) == (cast.other_operator, 3)
    trail = AuditEvent.objects.filter(verb="meeting.ballot.count").order_by("pk")
    assert [event.new["votes_for"] for event in trail] == [3, 2]
    with pytest.raises(Stale):
        actions.confirm(ballot, by=cast.operator, version=2)


@pytest.mark.parametrize(
    ("counter", "seconds"),
    [
        ("operator", "other_operator other_head lurah camat sekcam verifier"),
        ("other_operator", "operator head lurah camat sekcam verifier"),
        ("sekcam", "operator other_operator head other_head lurah"),
    ],
)
def test_a_second_person_of_elsewhere_confirms(cast, meeting, counter, seconds):
    by = getattr(cast, counter)
    ballot = make_ballot(meeting, by, counts=(3, 2, 0, 0))
    everyone = "operator other_operator head other_head lurah camat sekcam verifier"
    for who in (everyone + " resident far_operator far_camat").split():
        person = getattr(cast, who)
        may = Ballot.objects.confirmable_by(person).contains(ballot)
        assert may is (who in seconds.split()), who
        if not may:
            with pytest.raises(PermissionDenied):
                actions.confirm(ballot, by=person, version=2)


def test_who_counted_is_told_that_another_confirms(cast, meeting):
    # Of another village too, meanwhile.
    Office.objects.create(
        user=cast.operator,
        post=Post.OPERATOR,
        village=cast.timbang,
        starts_on=dates.today(),
    )
    ballot = make_ballot(meeting, cast.operator, counts=(3, 2, 0, 0))
    with pytest.raises(PermissionDenied, match="Anda yang menghitung"):
        actions.confirm(ballot, by=cast.operator, version=2)
    with pytest.raises(PermissionDenied, match="desa lain"):
        actions.confirm(ballot, by=cast.other_operator, version=2)
    yesterday = dates.today() - timedelta(days=1)
    Office.objects.filter(user=cast.camat).update(ends_on=yesterday)
    with pytest.raises(PermissionDenied, match="desa lain"):
        actions.confirm(ballot, by=cast.camat, version=2)
    actions.confirm(ballot, by=cast.lurah, version=2)


def test_what_is_confirmed_or_cancelled_stays(cast, meeting):
    open_one = make_ballot(meeting, cast.operator)
    with pytest.raises(PermissionDenied, match="belum dihitung"):
        actions.confirm(open_one, by=cast.lurah, version=1)
    actions.cancel(open_one, by=cast.operator, reason="Salah bunyi.")
    counted = {"counts": (3, 2, 0, 0)}
    done = make_ballot(meeting, cast.operator, **counted, second=cast.lurah)
    for ballot, words in ((open_one, "sudah dibatalkan"), (done, "sudah disahkan")):
        with pytest.raises(PermissionDenied, match=words):
            count(ballot, cast.operator, 5, 0, 0, 0, version=ballot.version)
        with pytest.raises(PermissionDenied, match=words):
            actions.cancel(ballot, by=cast.operator, reason="Tidak suka.")
        with pytest.raises(PermissionDenied, match=words):
            actions.confirm(ballot, by=cast.other_operator, version=ballot.version)


def test_only_those_who_write_the_meeting_open_count_cancel_and_decide(cast, meeting):
    ballot = make_ballot(meeting, cast.operator)
    done = make_ballot(
        meeting,
        cast.operator,
        agenda_item=meeting.agenda.first(),
        counts=(3, 2, 0, 0),
        second=cast.lurah,
    )
    for by in (cast.head, cast.camat, cast.resident, cast.far_operator):
        for deed in (
            lambda by=by: actions.designate(meeting, by=by, was=[], now=[1]),
            lambda by=by: make_ballot(meeting, by),
            lambda by=by: count(ballot, by, 3, 2, 0, 0),
            lambda by=by: actions.cancel(ballot, by=by, reason="Tidak suka."),
            lambda by=by: actions.decide(done, by=by),
        ):
            with pytest.raises(PermissionDenied):
                deed()


def test_a_passed_ballot_makes_one_decision_that_keeps_its_votes(cast, meeting):
    second = {"counts": (3, 1, 1, 0), "second": cast.lurah}
    item = meeting.agenda.first()
    ballot = make_ballot(meeting, cast.operator, agenda_item=item, **second)
    decision = actions.decide(ballot, by=cast.other_operator)
    assert (decision.text, decision.agenda_item) == (ballot.question, item)
    assert str(decision.how) == ("suara terbanyak: 3 setuju, 1 tidak setuju, 1 abstain")
    with pytest.raises(PermissionDenied, match="satu kali"):
        actions.decide(ballot, by=cast.operator)
    decision = meetings.save_decision(
        decision, by=cast.operator, version=1, text="Iuran tetap."
    )
    for change in ({"votes_for": 4}, {"method": "consensus"}):
        with pytest.raises(ValidationError):
            meetings.save_decision(decision, by=cast.operator, version=2, **change)
        decision.refresh_from_db()
    meetings.remove_decision(decision, by=cast.operator)
    assert actions.decide(ballot, by=cast.operator).text == "Iuran tetap."
    lost = make_ballot(meeting, cast.operator, counts=(2, 3, 0, 0), second=cast.lurah)
    for failed in (lost, make_ballot(meeting, cast.operator, counts=(3, 2, 0, 0))):
        with pytest.raises(PermissionDenied, match="disetujui dan disahkan"):
            actions.decide(failed, by=cast.operator)


def test_what_is_not_settled_holds_the_record_up(cast, meeting):
    ballot = make_ballot(meeting, cast.operator, counts=(3, 2, 0, 0))
    with pytest.raises(ValidationError, match="belum disahkan: Iuran"):
        finalise(meeting, cast.operator)
    actions.confirm(ballot, by=cast.lurah, version=2)
    elector = meeting.participants.filter(may_vote=True, present=True).first()
    meetings.remove_participant(elector, by=cast.operator)
    assert any("tidak tercatat hadir" in words for words in papers.missing(meeting))
    actions.decide(ballot, by=cast.operator)


def test_a_draft_with_typed_votes_from_before_needs_a_ballot(cast, meeting):
    votes = {"votes_for": 3, "votes_against": 1, "votes_abstain": 0}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forum_decision DISABLE TRIGGER USER")
        decision = make_decision(meeting, method="vote", **votes)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forum_decision ENABLE TRIGGER USER")
    meetings.save_decision(decision, by=cast.operator, version=1, text="Lain.")
    words = "tanpa hitungan yang disahkan"
    assert any(words in sentence for sentence in papers.missing(meeting))
    with pytest.raises(DatabaseError, match="belum disahkan"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(finalised_at=dates.now())


def test_the_record_keeps_what_was_voted_and_what_was_not_approved(cast, meeting):
    second = {"counts": (3, 2, 0, 0), "second": cast.lurah}
    actions.decide(make_ballot(meeting, cast.operator, **second), by=cast.operator)
    make_ballot(
        meeting, cast.operator, question="Kas.", **second | {"counts": (1, 4, 0, 0)}
    )
    content = finalise(meeting, cast.operator).paper.content
    assert [ballot["result"] for ballot in content["ballots"]] == [
        "Disetujui: 3 dari 5 suara; perlu 3.",
        "Tidak disetujui: 1 dari 5 suara; perlu 3.",
    ]
    final = Ballot.objects.last()
    for deed in (
        lambda: make_ballot(meeting, cast.operator),
        lambda: actions.cancel(final, by=cast.operator, reason="Tidak suka."),
        lambda: actions.decide(final, by=cast.operator),
    ):
        with pytest.raises(PermissionDenied):
            deed()
