"""What the pages weigh on a bad line, and how often they ask, when there is much to show.

The budgets are of the whole portal: a page that needs more has too much on it.
"""

import gzip
from html.parser import HTMLParser

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from conftest import FROM_OUR_PAGE, QUICK_HASHERS, make_cast
from forum.meetings import actions as forum
from forum.tests.make import (
    make_action_item,
    make_agenda,
    make_body,
    make_decision,
    make_meeting,
    make_participant,
    make_ready_meeting,
    make_two_hours,
)
from leksono_portal.home import context  # noqa: F401  so that `ask_all` knows it
from leksono_portal.kit import dates, kept
from leksono_portal.kit.models import StoredFile
from leksono_portal.kit.tests.pictures import jpeg
from projects.pledges import actions as pledges
from projects.portfolio.models import Photo
from projects.tests import make as projects
from villages.tests.make import make_partner, make_resource, make_village

pytestmark = pytest.mark.django_db
MANY = 30
HTML, HTML_PACKED, ALL_PACKED = 60_000, 15_000, 40_000  # bytes
REQUESTS = 5
LIST, DETAIL = 8, 12  # queries
SENTENCE = "Talud sepanjang empat puluh meter dibangun bersama sebelum musim hujan. "
BUDGETS = {
    "front": DETAIL,
    "projects": LIST,
    "project": DETAIL,
    "photos": LIST,
    "meetings": LIST,
    "meeting": DETAIL,
    "money": LIST,
    "request": DETAIL,
    "villages": LIST,
    "village": DETAIL,
    "forum": LIST,
    "follow_ups": LIST,
    "resources": LIST,
    "resource": DETAIL,
    "partners": LIST,
    "partner": DETAIL,
    "pledge": DETAIL,
}
READERS = (None, "operator", "camat")


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """The portal with much on it; `few`: its queries when there was one of each."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
            portal = Busy(make_cast())
        portal.few = portal.queries()
        portal.fill()
        yield portal
        transaction.set_rollback(True)


class Busy:
    def __init__(self, cast):
        self.cast = cast
        self.body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
        self.ceiling = projects.make_allotment(cast.district, ceiling=90_000_000_000)
        self.resource = self._resources()
        self.meeting = self._meeting("Satu")
        self.project = self._chain(self.meeting, "Satu")
        self.request = projects.submitted_request(self.project, self.ceiling)
        self.partner = make_partner(
            cast.district, cast.sekcam, description=SENTENCE * 5
        )
        self.pledge = self._pledges()

    @property
    def pages(self):
        return {
            "front": "/",
            "projects": "/proyek/",
            "project": self.project.get_absolute_url(),
            "photos": self.project.get_absolute_url() + "foto/",
            "meetings": "/rapat/",
            "meeting": self.meeting.get_absolute_url(),
            "money": "/dana/",
            "request": self.request.get_absolute_url(),
            "villages": "/desa/",
            "village": self.cast.besani.get_absolute_url(),
            "forum": "/forum/",
            "follow_ups": "/tindak-lanjut/?kelompok=desa",
            "resources": "/sumber-daya/",
            "resource": self.resource.get_absolute_url(),
            "partners": "/mitra/",
            "partner": self.partner.get_absolute_url(),
            "pledge": self.pledge.get_absolute_url(),
        }

    def fill(self):
        """Many of each, and each of the pages' own things with many parts."""
        for number in range(MANY - 1):
            village = make_village(
                self.cast.district, f"Desa {number}", number=2100 + number
            )
            self.body.villages.add(village)
            self._resources()
            self._pledges()
            make_partner(self.cast.district, self.cast.sekcam, name=f"Mitra {number}")
            meeting = self._meeting(f"Rapat {number}")
            self._chain(meeting, f"Proyek {number}")
            forum.link_project(
                meeting.decisions.get(), by=self.cast.operator, project=self.project
            )
        for percent in range(20):
            report = projects.make_report(
                self.project, *[percent] * 2, text=SENTENCE * 5
            )
            for _number in range(3):
                projects.make_photo(
                    self.project, report=report, alt=SENTENCE, is_made=False
                )
        StoredFile.objects.filter(made_at=None).update(made_at=timezone.now())
        self.meeting = self._long_meeting()
        self.request = projects.submitted_request(
            self.project, self.ceiling, asked=[1_000_000] * MANY
        )

    def _resources(self):
        """An offer and a need of each of two villages, one the other's counterpart."""
        told = {"title": SENTENCE, "description": SENTENCE * 5, "how_many": "2 unit"}
        for kind in ("need", "offer"):
            make_resource(self.cast.timbang, self.cast.sekcam, kind=kind, **told)
            make_resource(self.cast.besani, self.cast.operator, kind=kind, **told)
        return self.cast.besani.resources.first()

    def _pledges(self):
        """One used and thanked for, with photos, and one of which a part came."""
        told = {"what": SENTENCE, "letter_number": "1", "letter_date": dates.today()}
        used = projects.agreed_pledge(self.project, self.partner, **told)
        photo = jpeg(seed=Photo.objects.count())
        projects.receive_pledge(used, used.amount, upload=photo, alt=SENTENCE)
        used.refresh_from_db()
        used = pledges.use(
            by=self.cast.operator,
            pledge_id=used.pk,
            version=used.version,
            outcome=SENTENCE * 5,
            report=self.project.reports.first(),
            photo=projects.make_photo(self.project, alt=SENTENCE),
        )
        projects.make_thanks(used)
        begun = projects.agreed_pledge(self.project, self.partner, **told)
        projects.receive_pledge(begun, 1_000)
        projects.make_pledge(self.project, self.partner, **told)
        return used

    def _meeting(self, title):
        meeting = make_ready_meeting(self.body, self.cast.operator, title=title)
        make_action_item(meeting, self.cast.besani)
        forum.finalise(meeting, by=self.cast.operator, version=meeting.version)
        return meeting

    def _chain(self, meeting, title):
        """A running project of the meeting's decision, with requests at each door."""
        project = projects.running_project(
            title=f"{title} bersama tiga desa",
            purpose=SENTENCE * 5,
            partner_villages=[self.cast.timbang, self.cast.leksono],
        )
        forum.link_project(
            meeting.decisions.get(), by=self.cast.operator, project=project
        )
        report = projects.make_report(project, 40, 10)
        projects.make_photo(project, report=report)
        for make in ("make", "submitted", "verified", "approved"):
            getattr(projects, f"{make}_request")(project, self.ceiling)
        projects.released_request(project, self.ceiling, reference=f"TRF {title}")
        make_ready_meeting(self.body, self.cast.operator, title=title)
        return project

    def _long_meeting(self):
        meeting = make_ready_meeting(self.body, self.cast.operator, title="Panjang")
        for item in make_agenda(meeting, *["Pembahasan talud dan drainase"] * 12):
            item.note = SENTENCE * 8
            item.save()
        for number in range(50):
            make_participant(meeting, self.cast.timbang, name=f"Wakil ke-{number}")
        for _number in range(10):
            make_decision(meeting, text=SENTENCE * 3)
            make_action_item(meeting, self.cast.besani, task=SENTENCE[:70])
        forum.finalise(meeting, by=self.cast.operator, version=meeting.version)
        for decision in meeting.decisions.all():
            forum.link_project(decision, by=self.cast.operator, project=self.project)
        return meeting

    def reader(self, who):
        client = Client()
        if who:
            client.force_login(getattr(self.cast, who))
        return client

    def queries(self):
        """{(page, reader): how many queries}, and of the queues of all offices."""
        cases = [(page, who) for page in self.pages for who in READERS]
        offices = "operator head lurah verifier camat treasurer sekcam admin resident"
        pages = self.pages | {"work": "/kerja/"}
        cases += [("work", who) for who in offices.split()]
        return {(page, who): self._count(pages[page], who) for page, who in cases}

    def _count(self, address, who):
        return queries_of(who and getattr(self.cast, who), address)


def queries_of(user, address):
    client = Client()
    if user:
        client.force_login(user)
    kept.ask_all()
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.fixture(scope="module")
def many(busy, django_db_blocker):
    with django_db_blocker.unblock():
        return busy.queries()


def test_no_page_asks_more_for_many_than_for_one(busy, many):
    assert many == busy.few


def test_every_page_keeps_within_its_queries(many):
    budgets = BUDGETS | {"work": DETAIL}
    assert {case: n for case, n in many.items() if n > budgets[case[0]]} == {}


class _Linked(HTMLParser):
    """The addresses that a browser fetches to show a page."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("loading") == "lazy":  # photos come as one scrolls to them
            return
        if tag in ("script", "img", "source", "iframe") and attrs.get("src"):
            self.found.add(attrs["src"])
        if tag == "link" and "href" in attrs:
            self.found.add(attrs["href"])


def packed(client, address, **headers):
    """The bytes of `address` as they go over the wire."""
    response = client.get(address, headers={"Accept-Encoding": "gzip"} | headers)
    assert response.status_code == 200, address
    content = response.getvalue()
    assert response["Content-Encoding"] == "gzip" or len(content) < 1_000
    return content


@pytest.mark.parametrize("page", BUDGETS)
def test_a_first_visit_is_light(page, busy):
    client, address = busy.reader(None), busy.pages[page]
    html = packed(client, address)
    text = gzip.decompress(html).decode()
    without_style = packed(client, address, **FROM_OUR_PAGE)
    assert len(gzip.decompress(without_style)) < HTML
    assert len(without_style) < HTML_PACKED
    linked = _Linked()
    linked.feed(text)
    assert all(link.startswith("/static/") for link in linked.found)
    assert 1 + len(linked.found) <= REQUESTS
    parts = [packed(client, link) for link in linked.found]
    assert b"url(" not in b"".join(parts), "the style sheet fetches more"
    assert len(html) + sum(map(len, parts)) < ALL_PACKED


def test_the_room_of_a_long_meeting_asks_no_more_and_stays_light(busy):
    cast = busy.cast
    meeting = make_meeting(busy.body, cast.operator)
    make_agenda(meeting, "Pembukaan")
    address = f"/rapat/{meeting.pk}/catat/"
    few = queries_of(cast.operator, address)
    make_two_hours(meeting, cast.besani, cast.timbang)
    assert queries_of(cast.operator, address) == few <= DETAIL
    client = busy.reader("operator")
    assert len(packed(client, address, **FROM_OUR_PAGE)) < HTML_PACKED
    page = packed(client, address)
    linked = _Linked()
    linked.feed(gzip.decompress(page).decode())
    parts = {link: len(packed(client, link)) for link in linked.found}
    scripts = sum(size for link, size in parts.items() if link.endswith(".js"))
    # Its scripts alone may come on top of what any page may weigh.
    assert len(page) + sum(parts.values()) - scripts < ALL_PACKED
