"""Nothing in the portal is tied to one district: three villages elsewhere do the three
jobs of it from an empty database, through its pages."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from pypdf import PdfReader

from forum.models import Body, Decision, Meeting, OfficialRecord
from leksono_portal.kit import dates, papers
from leksono_portal.tests.typed import fields_of
from projects.funding.checklist import POINTS
from projects.models import Allotment, FundingRequest, FundSource, Project
from villages.models import District, User, Village
from villages.people import actions as people
from villages.people.models import Post

PASSWORD = "sandi-lereng-menoreh"
NAMES = ("Kalirejo", "Paripurno", "Ngargoretno")
ELSEWHERE = re.compile("leksono|wonosobo", re.IGNORECASE)


class Person:
    """Someone at a browser; `seen` keeps the text of every page they were shown.

    None of these may name the district that the portal is called after.
    """

    def __init__(self, username=None):
        self.client, self.seen = Client(), {}
        self.user = User.objects.filter(username=username).first()
        if username:
            self.sign_in(username)

    def sign_in(self, username):
        page = self.open("/akun/login/")
        form = fields_of(page) | {"login": username, "password": PASSWORD}
        assert self.client.post("/akun/login/", form).url == "/kerja/"
        self.open("/kerja/")

    def open(self, address):
        response = self.client.get(address, follow=True)
        assert response.status_code == 200, address
        if response["Content-Type"].startswith("text/html"):
            self._see(address, response)
        return response

    def fill(self, address, **typed):
        """Open the form at `address`, fill it in, send it and see where that leads."""
        page = self.open(address)
        sent = fields_of(page, address) | typed
        response = self.client.post(address, sent, follow=True)
        assert response.redirect_chain, (address, response.content.decode())
        self._see(response.redirect_chain[-1][0], response)

    def _see(self, address, response):
        text = unescape(response.content.decode())
        self.seen[address] = text
        found = ELSEWHERE.search(text.replace("Portal Leksono", ""))
        assert not found, (address, text[found.start() - 80 : found.end() + 80])


@pytest.fixture
def district(db):
    """A district with codes and three villages of its own, and nothing else."""
    place = District.objects.create(
        code="33.08.01",
        name="Salaman",
        regency="Kabupaten Magelang",
        province="Jawa Tengah",
    )
    for number, name in enumerate(NAMES, 2001):
        Village.objects.create(
            district=place,
            code=f"33.08.01.{number}",
            slug=name.lower(),
            name=name,
            kind=Village.Kind.DESA,
        )
    return place


@pytest.fixture
def admin(district):
    """The first admin, made on the server; all other accounts come from them."""
    people.appoint_first_admin(
        district=district,
        username="admin.salaman",
        full_name="Admin Salaman",
        password=PASSWORD,
    )
    admin = Person("admin.salaman")
    for username, post, place in offices(district):
        account = people.create_account(
            by=admin.user,
            username=username,
            full_name=f"{post.label} {place.name}",
            password=PASSWORD,
        )
        where = "village" if isinstance(place, Village) else "district"
        people.grant_office(
            by=admin.user,
            user=account,
            post=post,
            starts_on=dates.today() - timedelta(days=30),
            **{where: place},
        )
    return admin


def offices(district):
    for village in district.villages.all():
        yield f"operator.{village.slug}", Post.OPERATOR, village
        yield f"kades.{village.slug}", Post.VILLAGE_HEAD, village
    yield "verifikator", Post.VERIFIER, district
    yield "camat", Post.CAMAT, district
    yield "bendahara", Post.DISTRICT_TREASURER, district


def test_three_villages_elsewhere_meet_build_and_are_paid(
    district, admin, django_capture_on_commit_callbacks
):
    assert District.objects.get() == district
    assert {village.name for village in Village.objects.all()} == set(NAMES)
    open_lists(Person())
    make_body_and_source(admin, district)
    propose_and_confirm_a_ceiling()
    operator = Person("operator.kalirejo")
    with django_capture_on_commit_callbacks():
        meeting = log_a_meeting(operator, district)
    record = OfficialRecord.objects.get(meeting=meeting)
    check_the_paper(record, district)
    project = make_it_a_project(operator, meeting)
    request = bring_to_release(operator, project)
    look_around(meeting, project, request)


def open_lists(person):
    for address in ("/", "/proyek/", "/rapat/", "/dana/", "/desa/", "/forum/"):
        person.open(address)


def make_body_and_source(admin, district):
    villages = list(district.villages.values_list("pk", flat=True))
    admin.fill(
        "/admin/forum/body/add/",
        district=district.pk,
        name="BKAD Salaman",
        code="MAD-SLM",
        villages=villages,
        quorum_numerator=2,
        quorum_denominator=3,
    )
    admin.fill(
        "/admin/projects/fundsource/add/", code="bankeu", name="Bantuan keuangan"
    )
    assert Body.objects.get().villages.count() == len(NAMES)


def propose_and_confirm_a_ceiling():
    Person("bendahara").fill(
        "/dana/pagu/baru/",
        source=FundSource.objects.get().pk,
        year=dates.today().year,
        ceiling="Rp 250.000.000",
    )
    ceiling = Allotment.objects.get()
    Person("camat").fill(f"/dana/pagu/{ceiling.pk}/tetapkan/")
    ceiling.refresh_from_db()
    assert ceiling.confirmed_at and ceiling.ceiling == 250_000_000


def log_a_meeting(operator, district):
    """From the invitation to the final record; returns the meeting."""
    yesterday = dates.today() - timedelta(days=1)
    operator.fill(
        "/rapat/baru/",
        body=Body.objects.get().pk,
        title="Air bersih tiga desa",
        date=yesterday.isoformat(),
        starts="09:00",
        ends="11:30",
        place="Balai Desa Kalirejo",
        chair=operator.user.pk,
        secretary=operator.user.pk,
    )
    meeting = Meeting.objects.get()
    room = f"/rapat/{meeting.pk}"
    for title in ("Pembukaan", "Pembagian air"):
        operator.fill(f"{room}/acara/tambah/", title=title, note="Dibahas bersama.")
    for village in district.villages.all():
        person = {"name": f"Wakil {village.name}", "post": "BPD", "sex": "P"}
        rows = {f"form-0-{key}": value for key, value in person.items()}
        operator.fill(f"{room}/peserta/tambah/", village=village.pk, **rows)
    present = list(meeting.participants.values_list("pk", flat=True))
    tick(operator, room, present)
    operator.fill(
        f"{room}/keputusan/tambah/", text="Membangun pipa.", method="consensus"
    )
    operator.fill(
        f"{room}/tindak-lanjut/tambah/",
        task="Mengukur jalur",
        village=district.villages.first().pk,
        due_on=(dates.today() + timedelta(days=9)).isoformat(),
    )
    operator.fill(f"{room}/finalkan/")
    meeting.refresh_from_db()
    assert meeting.is_final
    return meeting


def tick(operator, room, present):
    address = f"{room}/hadir/"
    form = fields_of(operator.open(f"{room}/catat/"), address) | {"present": present}
    assert operator.client.post(address, form).status_code == 302


def check_the_paper(record, district):
    day = dates.to_date(record.meeting.starts_at)
    month = dates.roman_month(record.meeting.starts_at)
    assert record.number == f"001/MAD-SLM/{month}/{day.year}"
    assert papers.render(record.paper_id)
    response = Person().open(f"/rapat/{record.meeting_id}/berita-acara.pdf")
    pages = PdfReader(io.BytesIO(response.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    said = ["Kecamatan Salaman", "Kabupaten Magelang", "Camat Salaman", "BKAD Salaman"]
    said += [record.number, "Pembagian air", "Membangun pipa.", "Mengukur jalur"]
    said += [f"Kepala Desa {name}" for name in NAMES]
    for words in said:
        assert words.lower() in text.lower(), words
    assert not ELSEWHERE.search(text)


def make_it_a_project(operator, meeting):
    decision = Decision.objects.get()
    own, *others = Village.objects.filter(name__in=NAMES).order_by("name")
    operator.fill(
        f"/rapat/{meeting.pk}/keputusan/{decision.pk}/jadikan-proyek/",
        title="Pipa air tiga desa",
        sector="infrastructure",
        lead_village=own.pk,
        partner_villages=[village.pk for village in others],
        place="Dusun Krajan",
        purpose="Air bersih sampai ke rumah.",
        year=dates.today().year,
    )
    project = Project.objects.get()
    operator.fill(
        f"/proyek/{project.pk}/pekerjaan/tambah/",
        title="Galian dan pipa",
        cost="80.000.000",
        starts_on=dates.today().isoformat(),
        ends_on=(dates.today() + timedelta(days=60)).isoformat(),
    )
    return project


def bring_to_release(operator, project):
    """The request of the village, through all hands of the district."""
    operator.fill(
        f"/proyek/{project.pk}/minta-dana/",
        title="Pipa tahap 1",
        year=dates.today().year,
        background="Sumur kering di musim kemarau.",
    )
    request = FundingRequest.objects.get()
    page = f"/dana/{request.pk}"
    operator.fill(
        f"{page}/rab/tambah/",
        group="1material",
        description="Pipa 3 inci",
        quantity="62,5",
        unit="batang",
        unit_price="400.000",
        allotment=Allotment.objects.get().pk,
    )
    Person("kades.kalirejo").fill(f"{page}/ajukan/", letter_number="410/1/2026")
    answers = {f"ok_{number}": "ya" for number, _point in enumerate(POINTS, 1)}
    Person("verifikator").fill(f"{page}/verifikasi/", **answers)
    Person("camat").fill(f"{page}/setujui/", letter_number="900/1/2026")
    Person("bendahara").fill(f"{page}/cairkan/", reference="TRF-1")
    request.refresh_from_db()
    assert (request.approved, request.released) == (25_000_000, 25_000_000)
    return request


def look_around(meeting, project, request):
    """A stranger reads all that is public."""
    stranger = Person()
    open_lists(stranger)
    for village in Village.objects.all():
        stranger.open(village.get_absolute_url())
    for thing in (meeting, project, request):
        stranger.open(thing.get_absolute_url())
    front = stranger.seen["/"]
    assert "Pipa air tiga desa" in front and "Kecamatan Salaman" in front
    of_project = stranger.seen[project.get_absolute_url()]
    assert "Desa Kalirejo" in of_project and meeting.get_absolute_url() in of_project
    assert "Rp25.000.000" in of_project
    assert "Rp25.000.000" in stranger.seen[request.get_absolute_url()]
    assert request.get_absolute_url() in stranger.seen["/dana/"]
