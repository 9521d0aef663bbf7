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


def test_the_front_page_tells_what_is_going_on(demo_portal, client):
    page = text_of(client)
    for words in (
        "Yang dikerjakan bersama di Leksono",
        "13 desa dan 1 kelurahan",
        "Pipa air bersih Kalimendong–Jonggolsari–Besani",
        "Penghijauan lereng",
        "Rp553.065.000",
        "Rp331.665.000",
        "Rp162.519.000",
        "Kemajuan pipa air bersih dan penghijauan lereng",
        "Usulan kegiatan bersama tahun depan",
        "Keputusan 1, Musyawarah Antar Desa",
    ):
        assert words in page, words


def test_the_figures_add_up(demo_portal):
    found = figures.read()
    assert found == found | {
        "running": 2,
        "families": 486 + 158,
        "decisions": 4,
        "decisions_linked": 4,
        "requests": 4,
        "requests_approved": 2,
        "requests_released": 1,
        "requested": 275_565_000 + 60_800_000 + 175_200_000 + 41_500_000,
        "approved": 270_865_000 + 60_800_000,
        "released": 162_519_000,
    }


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


def test_a_village_shows_what_it_leads_joins_asks_and_must_do(demo_portal, client):
    page = text_of(client, "/desa/kalimendong/")
    for words in (
        "Pipa air bersih",
        "desa utama",
        "Tertinggal",
        "Keputusan 1</a>",
        "Dana pipa air bersih tiga desa",
        "disetujui Rp270.865.000",
        "Ukur ulang debit sumber air",
        "Selesai ",
    ):
        assert words in page, words
    page = text_of(client, "/desa/besani/")
    assert "ikut, desa utama Kalimendong" in page and "Los pasar sayur" in page
    page = text_of(client, "/desa/sojokerto/")
    assert "lewat 4 hari" in page


def test_the_list_counts_running_projects_led_and_joined(demo_portal, client):
    found = client.get("/desa/").context["villages"]
    running = {village.slug: village.running for village in found}
    assert running == dict.fromkeys(running, 0) | {
        "kalimendong": 1,
        "jonggolsari": 1,
        "besani": 1,
        "selokromo": 1,
        "sawangan": 1,
        "lipursari": 1,
    }


def test_strangers_pages_set_no_cookie_and_are_kept(demo_portal, client):
    for address in ("/", "/desa/", "/desa/besani/"):
        page = client.get(address)
        assert not page.cookies and "csrfmiddlewaretoken" not in page.content.decode()
        again = client.get(address, headers={"if-none-match": page["ETag"]})
        assert again.status_code == 304


def test_the_front_page_is_only_read(client, db):
    assert client.post(reverse("home:front")).status_code == 405
