"""The pages that are measured, in the demo data; needs Django set up."""

from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forum.models import Meeting
from leksono_portal.kit import kept
from projects.models import FundingRequest, Project
from villages.models import User

DEEP = 5  # the last page of the list of projects, times the size


@dataclass(frozen=True)
class Page:
    path: str
    kind: str  # list, detail or queue: what it may cost
    cookie: str = ""
    deep: int = 0

    def at(self, size):
        """Its address in data of `size`; a deep one is as deep as they are large."""
        return f"{self.path}?page={self.deep * size}" if self.deep else self.path


class Pages:
    """`pages` by name: the busiest of their kind in the data, open and signed in."""

    def __init__(self, reader):
        project = _busiest(Project.objects.filter(stage="running"), "reports")
        meeting = _busiest(Meeting.objects.exclude(finalised_at=None), "decisions")
        request = _busiest(FundingRequest.objects.filter(released__gt=0), "transitions")
        self.project = project.pk
        public = {
            "front": Page("/", "detail"),
            "projects": Page("/proyek/", "list"),
            "projects, deep": Page("/proyek/", "list", deep=DEEP),
            "project": Page(project.get_absolute_url(), "detail"),
            "meetings": Page("/rapat/", "list"),
            "meeting": Page(meeting.get_absolute_url(), "detail"),
            "money": Page("/dana/", "list"),
            "request": Page(request.get_absolute_url(), "detail"),
        }
        client = Client()
        client.force_login(User.objects.get(username=reader))
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        private = {
            f"{name}, signed in": replace(page, cookie=cookie)
            for name, page in public.items()
        }
        queue = Page("/kerja/", "queue", cookie)
        self.pages = {**public, **private, "work queue": queue}
        connection.close()

    def queries(self):
        """{page: how many queries}."""
        counted = {}
        for name, page in self.pages.items():
            kept.ask_all()
            client = Client(headers={"cookie": page.cookie, "host": "127.0.0.1"})
            with CaptureQueriesContext(connection) as found:
                assert client.get(page.at(1)).status_code == 200, page.path
            counted[name] = len(found)
        connection.close()
        return counted


def _busiest(found, related):
    return found.annotate(n=Count(related)).order_by("-n", "pk").first()
