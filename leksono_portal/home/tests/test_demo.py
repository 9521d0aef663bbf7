"""The example as it stands: whole, in order, and something for everyone to do."""

from collections import Counter

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db.models import Count
from django.urls import reverse

from forum.models import Meeting
from leksono_portal.home import demo as example
from leksono_portal.home import figures, queue
from leksono_portal.home.demo import meetings
from leksono_portal.home.demo.clock import day
from leksono_portal.home.demo.tales import LIBRARY, PIPE, SLOPE, WASTE
from leksono_portal.home.tests.test_seed_demo import seed
from leksono_portal.kit import dates
from leksono_portal.kit.demo import is_demo
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.money import format_rupiah
from projects.models import (
    FundingRequest,
    Photo,
    Pledge,
    ProgressReport,
    Project,
    StageChange,
)
from projects.portfolio import story
from villages.models import Contact, Office, Resource, User, Village
from villages.people.passwords import DEMO_PASSWORD

TALES = [tale for held in meetings.HELD for tale in held.tales]
LOG = "Catat rapat hari ini: Rapat Koordinasi"
FINALISE = "Finalkan berita acara: Rapat Koordinasi"
TODAYS = "Kemajuan pipa air bersih dan penghijauan lereng"
WAITING = {
    "operator.besani": [LOG],
    "lurah.leksono": [LOG],
    "operator.sojokerto": ["Serahkan denah los", LOG],
    "kades.sojokerto": ["Serahkan denah los"],
    "kades.kalimendong": ["Jawab tanggapan warga: Terima kasih"],
    "sekcam": ["Serahkan denah los", LOG],
    "verifikator": ["Verifikasi permohonan", "Periksa laporan termin 1: Dana pipa"],
    "camat": ["Putuskan permohonan", "Tetapkan pagu CSR"],
    "bendahara": ["Cairkan permohonan"],
    "admin": [],
    "pemantau": [],
    "warga": [],
}


def test_the_example_is_whole_and_spans_two_years(demo_portal):
    assert is_demo(fresh=True)
    assert set(Project.objects.values_list("sector", flat=True)) == set(Project.Sector)
    assert set(Project.objects.values_list("stage", flat=True)) == set(Project.Stage)
    assert Meeting.objects.count() == 10
    assert Meeting.objects.exclude(finalised_at=None).count() == 8
    states = FundingRequest.objects.order_by("status").values_list("status", flat=True)
    assert Counter(states) == {
        "approved": 1,
        "completed": 1,
        "rejected": 1,
        "returned": 1,
        "running": 2,
        "submitted": 1,
        "verified": 1,
    }
    pledges = Pledge.objects.values_list("status", flat=True)
    assert Counter(pledges) == dict.fromkeys(Pledge.Status, 1)
    # A berita acara with its attendance list each, a correction, letters that grant or
    # refuse, one of thanks, and the account of the bridge.
    assert StoredPaper.objects.count() == 8 * 2 + 1 + 5 + 1 + 1
    first = StageChange.objects.order_by("at").first()
    assert dates.days_since(first.at) > 650
    assert "operator.<desa>" in demo_portal and DEMO_PASSWORD in demo_portal


def test_what_was_spent_is_within_what_the_projects_had(demo_portal):
    for project in Project.objects.with_money().with_last_report().with_plan():
        own = sum(row["own"] for row in story.money_by_source(project))
        had = project.released + own or project.cost
        assert (project.last_spent or 0) <= had, project


def test_each_report_has_a_drawing_of_its_own(demo_portal):
    reports = ProgressReport.objects.annotate(pictures=Count("photos"))
    assert {report.pictures for report in reports} == {1}
    assert Photo.objects.values("sha256").distinct().count() == reports.count() == 15


def test_each_village_has_its_people_and_all_sign_in(demo_portal, client):
    names = set(User.objects.values_list("username", flat=True))
    villages = Village.objects.all()
    assert names == (
        {f"operator.{village.slug}" for village in villages}
        | {f"kades.{village.slug}" for village in villages if village.is_desa}
        | {"lurah.leksono", "camat", "sekcam", "verifikator", "bendahara"}
        | {"admin", "pemantau", "warga"}
    )
    for name in ("operator.besani", "camat", "warga"):
        form = {"login": name, "password": DEMO_PASSWORD}
        assert client.post("/akun/login/", form).status_code == 302
        client.logout()


def test_no_account_but_the_first_admin_was_given_power_by_nobody(demo_portal):
    first = Office.objects.get(granted_by=None)
    assert first.user.username == "admin"


def test_the_history_spans_weeks_and_is_in_order(demo_portal):
    for request in FundingRequest.objects.prefetch_related("transitions"):
        moments = [step.at for step in request.transitions.all()]
        assert moments == sorted(moments) and len(set(moments)) == len(moments)
    for project in Project.objects.prefetch_related("stage_changes", "reports"):
        begun = [c.at for c in project.stage_changes.all() if c.to_stage == "running"]
        for report in project.reports.all():
            assert begun[0] < report.created_at


def asked_this_year(*verbs):
    """The example's requests of this year whose path went through one of `verbs`."""
    this_year = [
        tale.request
        for tale in TALES
        if tale.request and day(tale.request.asked).year == dates.today().year
    ]
    return [r for r in this_year if {verb for verb, _day in r.path} & set(verbs)]


def asked_for(request):
    """What its lines ask from ceilings, in whole rupiah, and what is cut of that."""
    asked = sum(n * price for _g, _w, n, _u, price, code in request.lines if code)
    prices = {what: n * price for _g, what, n, _u, price, _code in request.lines}
    return asked, sum(prices[what] - granted for what, granted, _why in request.cuts)


def test_the_front_page_tells_what_is_going_on(demo_portal, client):
    page = client.get("/").content.decode()
    found = figures.read()
    for words in (
        "Yang dikerjakan bersama di Leksono",
        "13 desa dan 1 kelurahan",
        "Pipa air bersih Kalimendong–Jonggolsari–Besani",
        "Penghijauan lereng",
        *(format_rupiah(found[name]) for name in ("requested", "approved", "released")),
        TODAYS,
        "Usulan kegiatan bersama tahun depan",
        "Keputusan 1, Rapat Koordinasi",
    ):
        assert words in page, words


def test_the_figures_add_up(demo_portal):
    asked, granted = asked_this_year("submit"), asked_this_year("approve")
    assert figures.read() == figures.read() | {
        "running": 4,
        "families": 352 + 64 + 295 + 275 + 486 + 158,
        "decisions": 10,
        "decisions_linked": 10,
        "requests": len(asked),
        "requests_approved": len(granted),
        "requests_released": len(asked_this_year("release")),
        "requested": sum(asked_for(request)[0] for request in asked),
        "approved": sum(full - cut for full, cut in map(asked_for, granted)),
        "released": sum(
            (full - cut) * request.tranches[0] // 10
            for request in asked_this_year("release")
            for full, cut in [asked_for(request)]
        ),
    }


def test_a_village_shows_what_it_leads_joins_asks_and_must_do(demo_portal, client):
    page = client.get("/desa/kalimendong/").content.decode()
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
    page = client.get("/desa/besani/").content.decode()
    assert "ikut, desa utama Kalimendong" in page and "Los pasar sayur" in page
    page = client.get("/desa/sojokerto/").content.decode()
    assert "lewat 4 hari" in page


def test_the_list_counts_running_projects_led_and_joined(demo_portal, client):
    found = client.get("/desa/").context["villages"]
    running = {village.slug: village.running for village in found}
    told = Counter(
        slug for tale in (PIPE, SLOPE, LIBRARY, WASTE) for slug in tale.villages
    )
    assert running == dict.fromkeys(running, 0) | told


def test_strangers_pages_set_no_cookie_and_are_kept(demo_portal, client):
    for address in ("/", "/desa/", "/desa/besani/"):
        page = client.get(address)
        assert not page.cookies and "csrfmiddlewaretoken" not in page.content.decode()
        again = client.get(address, headers={"if-none-match": page["ETag"]})
        assert again.status_code == 304


def waiting():
    """{username: beginnings of titles}; today's meeting is over in the afternoon."""
    is_over = Meeting.objects.get(title=TODAYS).ends_at <= dates.now()
    return WAITING | {"sekcam": [*WAITING["sekcam"], *([FINALISE] if is_over else [])]}


def test_everyone_of_the_example_finds_their_work_oldest_first(demo_portal, client):
    for username, expected in waiting().items():
        user = User.objects.get(username=username)
        found = [str(item.title) for item in queue.items(user)]
        assert len(found) == len(expected), (username, found)
        for title, beginning in zip(found, expected, strict=True):
            assert title.startswith(beginning), (username, found)
        assert queue.count(user) == len(expected)
        client.force_login(user)
        page = client.get(reverse("home:work"))
        assert page.status_code == 200
        for item in queue.items(user):
            assert client.get(item.url).status_code == 200, (username, item.url)


def test_villages_offer_and_ask_and_no_telephone_is_made_up(demo_portal):
    told = Resource.objects.open().values_list("kind", flat=True)
    assert set(told) == {"offer", "need"}
    assert Resource.objects.filter(status="agreed").exists()
    assert Contact.objects.count() == Village.objects.count()
    numbers = Contact.objects.values_list("phone", "whatsapp")
    assert set(numbers) == {("", "")}
    emails = Contact.objects.values_list("email", flat=True)
    assert all(email.endswith("@example.id") for email in emails)


def numbers():
    return {
        model._meta.label: model.objects.count()
        for model in apps.get_models()
        if model._meta.app_label in example.ROOMS
    }


def test_a_second_time_it_refuses_and_changes_nothing(demo_portal):
    before = numbers()
    with pytest.raises(CommandError, match="sudah berisi"):
        seed()
    assert numbers() == before


def test_if_empty_it_tells_the_accounts_each_time(demo_portal):
    assert seed(if_empty=True) == demo_portal != ""
