"""The front page, and what the villages' pages show of the floors above them."""

from django.urls import reverse

from forum.meetings import actions as forum
from forum.tests.make import (
    finalised_meeting,
    make_action_item,
    make_body,
    make_decision,
    make_meeting,
    make_ready_meeting,
)
from leksono_portal.home import figures
from leksono_portal.kit import dates
from projects.tests.make import (
    make_allotment,
    make_project,
    make_report,
    make_request,
    running_project,
    submitted_request,
)


def text_of(client, address="/"):
    return client.get(address).content.decode()


def test_a_decision_leads_to_its_meeting_project_and_request(cast, client):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = finalised_meeting(body, cast.sekcam)
    project = make_project()
    forum.link_project(meeting.decisions.get(), by=cast.sekcam, project=project)
    request = submitted_request(project, make_allotment(cast.district))
    page = text_of(client)
    for thing in (meeting, project, request):
        assert f'href="{thing.get_absolute_url()}"' in page


def test_nothing_is_told_that_is_not_public_yet(cast, client):
    body = make_body(cast.district, cast.besani, cast.timbang)
    draft = make_ready_meeting(body, cast.sekcam)
    make_decision(draft, text="Keputusan yang belum final.")
    make_action_item(draft, cast.besani, task="Tugas yang belum final")
    project = make_project()
    make_request(project, make_allotment(cast.district), title="Draf rahasia desa")
    pages = text_of(client) + text_of(client, "/desa/besani/")
    assert "belum final" not in pages and "Draf rahasia" not in pages
    assert figures.read()["requested"] == figures.read()["decisions"] == 0
    client.force_login(cast.operator)
    assert "Draf rahasia" in text_of(client, "/desa/besani/")


def test_an_empty_portal_has_a_front_page_that_says_what_comes_here(db, client):
    page = text_of(client)
    for words in ("Belum ada proyek", "Belum ada rapat", "Belum ada keputusan"):
        assert words in page


def test_a_project_without_plan_or_report_does_not_break_the_page(cast, client):
    project = running_project(title="Baru mulai")
    assert "Baru mulai" in text_of(client)
    make_report(project, 10, 0)
    assert "Fisik <b>8%</b>" in text_of(client)


def test_todays_meeting_is_shown_until_it_is_final(cast, client):
    body = make_body(cast.district, cast.besani)
    now = dates.now()
    meeting = make_meeting(
        body,
        cast.sekcam,
        title="Rapat pagi ini",
        starts_at=now.replace(hour=0, minute=0),
        ends_at=now.replace(hour=0, minute=1, second=59),
    )
    assert "Rapat pagi ini" in text_of(client)
    type(meeting).objects.filter(pk=meeting.pk).update(
        starts_at=now.replace(year=now.year - 1, day=1),
        ends_at=now.replace(year=now.year - 1, day=2),
    )
    assert "Rapat pagi ini" not in text_of(client)


def test_the_front_page_is_only_read(client, db):
    assert client.post(reverse("home:front")).status_code == 405
