"""Ballots as people meet them: the room, the ballot's own page, the public page."""

import pytest
from django.urls import reverse

from forum.meetings import actions as meetings
from forum.tests.make import (
    make_ballot,
    make_body,
    make_electors,
    make_ready_meeting,
)
from forum.voting import actions
from leksono_portal.kit import form_keys


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_ready_meeting(body, cast.operator)
    make_electors(meeting, cast.besani, cast.timbang)
    return meeting


@pytest.fixture
def page(client):
    def read(address, who=None):
        client.logout()
        if who:
            client.force_login(who)
        return client.get(address).content.decode()

    return read


def room_of(meeting):
    return reverse("forum:meeting-log", args=[meeting.pk])


def test_each_finds_on_the_page_what_they_may_do(cast, meeting, page):
    ballot = make_ballot(meeting, cast.operator)
    address = ballot.get_absolute_url()
    assert "Simpan hitungan" in page(address, cast.operator)
    assert "Simpan hitungan" not in page(address, cast.camat)
    ballot = actions.count(
        ballot,
        by=cast.operator,
        version=1,
        **dict.fromkeys(("votes_against", "votes_abstain", "votes_invalid"), 0),
        votes_for=2,
    )
    own, other = page(address, cast.operator), page(address, cast.other_operator)
    assert "Anda yang menghitung" in own and "Sahkan 2 setuju" not in own
    assert "Sahkan 2 setuju, 0 tidak" in other and "Betulkan hitungan" in other
    assert "Utusan Besani" in other and "2 utusan berhak dan hadir" in other
    actions.confirm(ballot, by=cast.other_operator, version=2)
    done = page(address, cast.operator)
    assert "Disetujui: 2 dari 2 suara; perlu 2." in done
    assert "Jadikan keputusan" in done and "Simpan hitungan" not in done
    room = page(room_of(meeting), cast.operator)
    assert address in room and "Disetujui: 2 dari 2 suara; perlu 2." in room
    assert "· hak suara" in room


def test_what_was_typed_stays_where_someone_counted_first(cast, meeting, client):
    ballot = make_ballot(meeting, cast.operator, counts=(2, 0, 0, 0))
    client.force_login(cast.other_operator)
    address = reverse("forum:ballot-count", args=[meeting.pk, ballot.pk])
    typed = {"votes_for": 1, "votes_against": 1, "votes_abstain": 0, "votes_invalid": 0}
    typed |= {"version": 1, "form_key": form_keys.new_key(cast.other_operator)}
    answer = client.post(address, typed)
    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form["votes_for"].value(), form["version"].value()) == ("1", 2)
    assert answer.context["ballot"].votes_for == 2


def test_everyone_reads_the_votes_and_objections_once_the_meeting_is_final(
    cast, meeting, page
):
    second = {"counts": (2, 0, 0, 0), "second": cast.other_operator}
    decision = actions.decide(
        make_ballot(meeting, cast.operator, **second), by=cast.operator
    )
    objection = "Keberatan Timbang."
    meetings.save_decision(decision, by=cast.operator, version=1, dissent=objection)
    public = meeting.get_absolute_url()
    assert "perlu 2" not in page(public)
    for address in (public, room_of(meeting)):
        draft = page(address, cast.operator)
        assert "Disetujui: 2 dari 2 suara; perlu 2." in draft and objection in draft
    closing = page(reverse("forum:meeting-finalise", args=[meeting.pk]), cast.operator)
    assert objection in closing
    meeting.refresh_from_db()
    meetings.finalise(meeting, by=cast.operator, version=meeting.version)
    final = page(public)
    assert "Disetujui: 2 dari 2 suara; perlu 2." in final and objection in final
    assert "Dihitung Operator Besani, disahkan Operator Timbang." in final


def test_a_vote_on_an_internal_item_is_read_by_officers_only(cast, meeting, page):
    question = "Berdamai di luar pengadilan."
    ballot = make_ballot(
        meeting,
        cast.operator,
        agenda_item=meetings.add_agenda_item(
            meeting, by=cast.operator, title="Sengketa batas", is_internal=True
        ),
        question=question,
        counts=(2, 0, 0, 0),
        second=cast.other_operator,
    )
    assert question in page(ballot.get_absolute_url(), cast.head)
    assert question in page(meeting.get_absolute_url(), cast.operator)
    meeting.refresh_from_db()
    record = meetings.finalise(meeting, by=cast.operator, version=meeting.version)
    assert record.paper.content["ballots"] == []
    for address in (meeting.get_absolute_url(), ballot.get_absolute_url()):
        assert question not in page(address)
