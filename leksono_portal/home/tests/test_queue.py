"""What waits for whom: one table of the example's people, and the rules behind it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from forum.meetings import actions as forum
from forum.tests.make import (
    make_action_item,
    make_agenda,
    make_ballot,
    make_body,
    make_electors,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from forum.voting import actions as voting
from forum.voting.models import COUNTS
from leksono_portal.home import queue
from leksono_portal.kit import dates
from projects.funding import actions as funding
from projects.pledges import actions as pledges
from projects.sources import actions as sources
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_change,
    make_pledge,
    make_project,
    make_request,
    submitted_request,
    verified_request,
)
from villages.models import Office


def titles(user):
    return [str(item.title) for item in queue.items(user)]


def test_a_request_waits_for_one_office_after_the_other(cast):
    ceiling = make_allotment(cast.district)
    project = make_project()
    draft = make_request(project, ceiling)
    assert len(queue.items(cast.head)) == 1 and not queue.items(cast.operator)
    draft = funding.submit(
        by=cast.head, request_id=draft.pk, version=draft.version, letter_number="1"
    )
    assert titles(cast.verifier) and not titles(cast.head) and not titles(cast.camat)
    funding.send_back(
        by=cast.verifier, request_id=draft.pk, step=draft.step, reason="RAB kurang."
    )
    for user in (cast.operator, cast.head):
        (item,) = queue.items(user)
        assert item.title == f"Perbaiki permohonan {draft.number}: {draft.title}"
    assert not titles(cast.verifier)
    verified_request(project, ceiling)
    (item,) = queue.items(cast.camat)
    assert item.label == "Putuskan" and item.meta[1] == ("dana", "Rp30.000.000")
    approved_request(project, ceiling)
    (item,) = queue.items(cast.treasurer)
    assert item.label == "Cairkan"


def test_an_empty_draft_is_not_put_before_the_head(cast):
    make_request(make_project(), None, asked=())
    assert not titles(cast.head)


def test_a_camat_who_verified_it_does_not_find_it_to_decide(cast):
    request = verified_request(make_project(), make_allotment(cast.district))
    assert len(titles(cast.camat)) == 1
    Office.objects.create(
        user=cast.verifier,
        post="camat",
        standing="plh",
        district=cast.district,
        starts_on=dates.today(),
        ends_on=dates.today(),
    )
    assert request.verified_by == cast.verifier
    assert not titles(cast.verifier)


def test_nothing_waits_for_people_of_elsewhere_nor_for_a_stranger(cast):
    submitted_request(make_project(), make_allotment(cast.district))
    for user in (cast.far_camat, cast.far_operator, cast.other_head, cast.resident):
        assert not titles(user) and queue.count(user) == 0
    assert queue.count(AnonymousUser()) == 0 and queue.items(AnonymousUser()) == []


def test_a_meeting_waits_for_its_writers_on_its_day_then_for_its_secretary(cast):
    body = make_body(cast.district, cast.besani)
    now = dates.now()
    today = make_meeting(
        body,
        cast.sekcam,
        starts_at=now.replace(hour=0, minute=0, second=0),
        ends_at=now.replace(hour=23, minute=59, second=59),
    )
    assert titles(cast.operator) == [f"Catat rapat hari ini: {today}"]
    assert len(titles(cast.sekcam)) == 1 and not titles(cast.other_operator)
    past = make_ready_meeting(body, cast.sekcam, title="Rapat lalu")
    assert titles(cast.sekcam)[0] == f"Finalkan berita acara: {past}"
    assert len(titles(cast.operator)) == 1
    forum.finalise(past, by=cast.sekcam, version=past.version)
    assert len(titles(cast.sekcam)) == 1


def test_counted_votes_wait_for_officers_of_elsewhere(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_ready_meeting(body, cast.lurah)
    make_electors(meeting, cast.besani)
    ballot = make_ballot(meeting, cast.operator)
    assert not titles(cast.other_head)
    counts = dict(zip(COUNTS, (1, 0, 0, 0), strict=True))
    voting.count(ballot, by=cast.operator, version=1, **counts)
    (item,) = queue.items(cast.other_head)
    assert item.title == f"Sahkan hitungan suara: {ballot}"
    assert item.url == ballot.get_absolute_url()
    for user in (cast.head, cast.operator, cast.far_camat, cast.resident):
        assert not titles(user)
    voting.confirm(ballot, by=cast.other_head, version=2)
    assert not titles(cast.other_head)


def test_follow_up_waits_once_it_is_late_until_it_is_done(cast):
    body = make_body(cast.district, cast.besani)
    meeting = make_meeting(body, cast.sekcam)
    make_agenda(meeting)
    make_participant(meeting, cast.besani)
    late = make_action_item(
        meeting, cast.besani, due_on=dates.today() - timedelta(days=2)
    )
    make_action_item(meeting, cast.besani, due_on=dates.today(), task="Hari ini")
    assert not titles(cast.operator)
    forum.finalise(meeting, by=cast.sekcam, version=meeting.version)
    (item,) = queue.items(cast.operator)
    assert (item.title, item.days_over, item.kind) == (late.task, 2, "stop")
    assert not titles(cast.other_operator)
    forum.finish_action_item(late, by=cast.operator)
    assert not titles(cast.operator)


def test_what_waits_for_others_is_told_and_not_twice(cast, client):
    request = verified_request(make_project(), make_allotment(cast.district))
    for user, is_told in (
        (cast.operator, True),
        (cast.head, True),
        (cast.verifier, True),
        (cast.camat, False),
        (cast.other_operator, False),
        (cast.far_camat, False),
        (cast.resident, False),
    ):
        assert (request in queue.waiting_for_others(user)) is is_told, user
    client.force_login(cast.operator)
    page = client.get(reverse("home:work")).content.decode()
    assert "Menunggu orang lain" in page and "Camat · Desa Besani" in page


def test_the_work_page_is_for_people_who_signed_in(cast, client):
    page = client.get(reverse("home:work"))
    assert page.status_code == 302 and page.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("resident", "belum memegang jabatan"),
        ("operator", "Semua sudah beres"),
        ("admin", "Kantor belakang"),
    ],
)
def test_an_empty_queue_says_so(cast, client, who, words):
    client.force_login(getattr(cast, who))
    assert words in client.get(reverse("home:work")).content.decode()


def test_counting_is_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        queue.count(cast.camat)
    with django_assert_num_queries(0):
        queue.count(AnonymousUser())


def test_an_open_change_waits_in_the_camats_queue(cast):
    ceiling = make_allotment(cast.district, ceiling=800_000_000)
    change = make_change(ceiling, 900_000_000)
    (item,) = queue.items(cast.camat)
    assert item.title == (f"Putuskan perubahan pagu {ceiling.source} {ceiling.year}")
    assert item.meta[1] == ("dana", "Rp800.000.000 → Rp900.000.000")
    assert (item.url, item.label) == (change.get_absolute_url(), "Periksa")
    for user in (cast.treasurer, cast.far_camat, cast.operator):
        assert not queue.items(user)
    sources.decide_change(by=cast.camat, change_id=change.pk, accept=True)
    assert not queue.items(cast.camat) and queue.count(cast.camat) == 0


def test_an_offer_of_a_partner_waits_for_the_head_of_the_lead_village(cast):
    pledge = make_pledge(make_project())
    (item,) = queue.items(cast.head)
    assert item.title == f"Janji mitra menunggu disepakati: {pledge.what}"
    assert item.meta[0] == ("jabat", pledge.partner.name)
    assert not any(titles(user) for user in (cast.operator, cast.camat, cast.sekcam))
    pledges.agree(by=cast.head, pledge_id=pledge.pk, version=1)
    assert not titles(cast.head)
