from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from conftest import QUICK_HASHERS
from forum.meetings import actions as forum
from forum.tests.make import at, finalised_meeting, make_body, make_meeting
from leksono_portal.kit import dates, kept
from projects.tests.make import (
    approved_request,
    last_account,
    make_allotment,
    make_pledge,
    make_project,
    make_report,
    make_request,
    make_work_item,
    release,
    sent_account,
    submitted_request,
    verified_request,
)
from villages.tests.make import make_resource


@pytest.fixture(scope="module")
def filled_portal(django_db_setup, django_db_blocker):
    """The portal with the example in it; what the command told. Made once a module."""
    out = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
            call_command("seed_demo", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demo_portal(filled_portal, db):
    return filled_portal


@pytest.fixture
def grow(cast):
    """`grow(n)`: n more of everything the portal shows, each tied to the others.

    Requests stand at every door, so that every office finds some waiting.
    """
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    ceiling = make_allotment(cast.district, ceiling=90_000_000_000)
    made = SimpleNamespace(number=0)

    def more(n):
        for _turn in range(n):
            made.number += 1
            _one_chain(cast, body, ceiling, made.number)

    return more


def _one_chain(cast, body, ceiling, number):
    meeting = finalised_meeting(body, cast.sekcam, title=f"Rapat {number}")
    tomorrow = dates.today() + timedelta(days=1)
    make_meeting(body, cast.sekcam, starts_at=at(tomorrow, 9), ends_at=at(tomorrow, 12))
    for _link in range(2):
        project = make_project(
            title=f"Proyek {number}", partner_villages=[cast.timbang, cast.leksono]
        )
        make_work_item(project)
        forum.link_project(meeting.decisions.get(), by=cast.sekcam, project=project)
        request = approved_request(project, ceiling)
        sent_account(last_account(release(request)))
        project.refresh_from_db()
        make_report(project, 40)
    make_resource(cast.besani, cast.operator, title=f"Molen {number}")
    make_pledge(project)
    for make in (make_request, submitted_request, verified_request, approved_request):
        make(project, ceiling)


@pytest.fixture
def queries_of(cast):
    def count(who, address):
        """How many queries `address` takes for the cast's `who` (None: a stranger)."""
        client = Client()
        if who:
            client.force_login(getattr(cast, who))
        kept.ask_all()
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    return count
