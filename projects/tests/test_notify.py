"""Who hears of requests, projects and responses, and who does not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import Notification
from projects.funding import actions as funding
from projects.funding import notify
from projects.funding.models import FundingRequest
from projects.portfolio import actions as portfolio
from projects.responses import actions as responses
from projects.responses import notify as reminders
from projects.responses.models import Response
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_project,
    make_report,
    make_request,
    make_response,
    released_request,
    running_project,
    submitted_request,
    verified_request,
)
from villages.models import Office, User
from villages.people.models import Post
from villages.tests.make import make_officer

ASKERS = {"operator", "head"}


@pytest.fixture
def ceiling(cast):
    return make_allotment(cast.district)


@pytest.fixture
def project(cast):
    return make_project(partner_villages=[cast.timbang, cast.leksono])


def heard(cast, event):
    """Who of the cast was told of the one event that begins like `event`."""
    rows = Notification.objects.filter(event__startswith=event)
    names = {user.pk: name for name, user in vars(cast).items() if type(user) is User}
    assert len({row.event for row in rows}) <= 1
    return {names.get(row.user_id, row.user_id) for row in rows}


def whose_turn(rule, request):
    """Who may take the next step, asked of everyone."""
    rows = FundingRequest.objects
    return {
        user.pk
        for user in User.objects.all()
        if getattr(rows, rule)(user).contains(request)
    }


# Requests ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "status", "rule"),
    [
        (submitted_request, "submitted", "verifiable_by"),
        (verified_request, "verified", "approvable_by"),
        (approved_request, "approved", "releasable_by"),
    ],
)
def test_whose_turn_it_is_are_those_who_may(cast, ceiling, project, make, status, rule):
    second = make_officer("verifikator.dua", Post.VERIFIER, cast.district)
    make_officer("verifikator.besani", Post.VERIFIER, cast.district)
    Office.objects.create(
        user=User.objects.get(username="verifikator.besani"),
        post=Post.DELEGATE,
        village=cast.besani,
        starts_on=dates.today(),
    )
    make_officer("camat.dua", Post.CAMAT, cast.district)
    make_officer("bendahara.dua", Post.DISTRICT_TREASURER, cast.district)
    # Who verified holds the next posts as well, and may take neither step.
    for post in (Post.CAMAT, Post.DISTRICT_TREASURER):
        Office.objects.create(
            user=cast.verifier,
            post=post,
            district=cast.district,
            starts_on=dates.today(),
        )
    request = make(project, ceiling)
    told = Notification.objects.filter(
        event=f"funding:{request.pk}:{status}:{request.step}",
        kind=notify.TURN.key,
    )
    assert {row.user_id for row in told} == whose_turn(rule, request)
    assert len(told) >= 1 and second.pk  # several hold the post


def test_the_way_of_a_request_is_told_to_those_who_asked(cast, ceiling, project):
    request = released_request(project, ceiling)
    event = f"funding:{request.pk}"
    assert heard(cast, f"{event}:draft") == set()
    assert heard(cast, f"{event}:submitted") == {"verifier"}
    assert heard(cast, f"{event}:verified") == {"camat"}
    assert heard(cast, f"{event}:approved") == ASKERS | {"treasurer"}
    villages = ASKERS | {"other_operator", "other_head", "lurah"}
    assert heard(cast, f"{event}:running") == villages
    titles = {row.title for row in Notification.objects.of(cast.operator)}
    name = f"{request.number}, {request.title}"
    assert f"Permohonan {name} disetujui: Rp30.000.000" in titles
    assert f"Dana cair Rp30.000.000 untuk permohonan {name}" in titles


def test_a_return_is_told_inside_the_village_only_and_again_each_time(
    cast, ceiling, project
):
    request = submitted_request(project, ceiling)
    for turn in (1, 2):
        request = funding.send_back(
            by=cast.verifier,
            request_id=request.pk,
            step=request.step,
            reason="NIK 330705 belum ada.",
        )
        event = f"funding:{request.pk}:returned:{request.step}"
        assert heard(cast, event) == ASKERS
        request = funding.submit(
            by=cast.head,
            request_id=request.pk,
            version=request.version,
            letter_number="1",
            message="Sudah.",
        )
        assert Notification.objects.of(cast.verifier).count() == turn + 1
    assert not Notification.objects.filter(title__contains="NIK").exists()


def test_a_writer_whose_office_has_ended_hears_no_more_of_it(cast, ceiling, project):
    request = submitted_request(project, ceiling)
    Office.objects.filter(user=cast.operator).update(
        ends_on=dates.today() - timedelta(days=1)
    )
    funding.reject(
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        reason="Ganda.",
        letter_number="9",
    )
    assert heard(cast, f"funding:{request.pk}:rejected") == {"head"}


def test_what_is_refused_or_withdrawn_tells_nobody(cast, ceiling, project):
    request = make_request(project, ceiling)
    with pytest.raises(PermissionDenied):
        funding.submit(
            by=cast.operator,
            request_id=request.pk,
            version=request.version,
            letter_number="1",
        )
    with pytest.raises(Stale):
        funding.submit(
            by=cast.head, request_id=request.pk, version=99, letter_number="1"
        )
    funding.withdraw(by=cast.head, request_id=request.pk, step=request.step)
    assert not Notification.objects.exists()


# Projects ---------------------------------------------------------------------


def test_progress_and_the_end_are_told_to_all_villages_of_a_project(cast):
    project = running_project(partner_villages=[cast.timbang])
    report = make_report(project, 100, 100)
    others = {"head", "other_operator", "other_head"}
    assert heard(cast, f"project:{project.pk}:report:{report.pk}") == others
    assert Notification.objects.first().title == (
        "Laporan kemajuan Perbaikan jalan penghubung: fisik 100%"
    )
    portfolio.complete(project, by=cast.operator)
    assert heard(cast, f"project:{project.pk}:completed") == others


def test_a_project_given_up_by_the_camat_is_told_to_its_villages(cast, project):
    portfolio.cancel(project, by=cast.camat, reason="Lahan dijual.")
    told = heard(cast, f"project:{project.pk}:cancelled")
    assert told == ASKERS | {"other_operator", "other_head", "lurah"}


# Responses --------------------------------------------------------------------


def test_a_response_and_its_answer_reach_each_other(cast, project):
    response = make_response(project, cast.resident, "Nomor saya 0812.")
    assert heard(cast, f"response:{response.pk}:came") == ASKERS
    responses.answer(response, by=cast.operator, text="Bulan depan.")
    assert heard(cast, f"response:{response.pk}:answered") == {"resident"}
    assert not Notification.objects.filter(title__contains="0812").exists()


@pytest.mark.parametrize(
    ("days", "event"), [(3, None), (2, "near"), (0, "near"), (-1, "over")]
)
def test_the_day_of_an_answer_is_called_to_mind_once(cast, project, days, event):
    response = make_response(project, cast.resident)
    due_on = dates.today() + timedelta(days=days)
    with pretended(due_on):
        for _time in range(2):
            reminders.remind()
    found = Notification.objects.exclude(event__endswith=":came")
    expected = {f"response:{response.pk}:{event}"} if event else set()
    assert {row.event for row in found} == expected
    assert len(found) == 2 * len(expected)


def test_what_is_answered_or_hidden_is_not_called_to_mind(cast, project):
    answered, hidden = (make_response(project, cast.resident) for _ in range(2))
    responses.answer(answered, by=cast.operator, text="Ya.")
    responses.hide(hidden, by=cast.operator, reason="Data pribadi.")
    Notification.objects.all().delete()
    with pretended(dates.today() - timedelta(days=1)):
        reminders.remind()
    assert not Notification.objects.exists()


def pretended(due_on):
    """As if every response had been due on that day; the row itself never changes."""
    from unittest.mock import patch

    moved = dates.today() + timedelta(days=Response.DAYS) - due_on
    return patch.object(dates, "today", return_value=dates.today() + moved)


# What is passed on ------------------------------------------------------------


def shared(client, page):
    address = client.get(page.get_absolute_url()).context["whatsapp"]
    assert urlsplit(address).netloc == "wa.me" and "+" not in address
    return parse_qs(urlsplit(address).query)["text"][0]


def test_a_project_is_passed_on_with_its_state_and_money(
    cast, ceiling, client, settings
):
    settings.SITE_URL = "https://portal.example"
    project = running_project(title="Jalan & *jembatan*")
    make_report(project, 50, 50)
    released_request(project, ceiling)
    assert shared(client, project) == (
        "*Jalan & jembatan*\n"
        "Desa Besani\n"
        "Keadaan: Berjalan, fisik 50%\n"
        "Dana disetujui Rp30.000.000, cair Rp30.000.000\n"
        f"https://portal.example/proyek/{project.pk}/"
    )


def test_a_request_is_passed_on_as_everyone_may_read_it(
    cast, ceiling, client, project, settings
):
    settings.SITE_URL = "https://portal.example"
    request = submitted_request(project, ceiling, title="Talud\n& drainase")
    funding.send_back(
        by=cast.verifier, request_id=request.pk, step=request.step, reason="Ubah."
    )
    client.force_login(cast.verifier)
    assert shared(client, request) == (
        f"*Permohonan dana {request.number}: Talud & drainase*\n"
        "Desa Besani\n"
        "Keadaan: Diperiksa\n"
        "Diminta: Rp30.000.000\n"
        f"https://portal.example/dana/{request.pk}/"
    )


def test_a_draft_is_not_passed_on(cast, ceiling, client, project):
    request = make_request(project, ceiling)
    client.force_login(cast.operator)
    page = client.get(request.get_absolute_url())
    assert page.context["whatsapp"] is None and b"wa.me" not in page.content


def test_every_notice_leads_to_a_page_its_reader_may_open(
    cast, ceiling, project, client
):
    released_request(project, ceiling)
    make_response(project, cast.resident)
    for row in Notification.objects.all():
        client.force_login(User.objects.get(pk=row.user_id))
        assert client.get(row.url).status_code == 200
