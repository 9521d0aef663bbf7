"""Two at once: one has their way, the other is told so."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from leksono_portal.kit import dates
from villages.models import Office, User
from villages.people import actions
from villages.people.models import Post
from villages.tests.make import make_district

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "sandi-baru-yang-panjang"


def at_once(*acts):
    """Run `acts` together; what each raised, or None."""
    barrier = threading.Barrier(len(acts))
    found = [None] * len(acts)

    def run(number, act):
        try:
            connection.ensure_connection()
            barrier.wait(10)
            act()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def one_refused(found, kind):
    assert [type(error) for error in found if error] == [kind], found


def test_an_office_granted_twice_at_once_is_held_once(cast):
    def grant():
        actions.grant_office(
            by=cast.admin,
            user=cast.resident,
            post=Post.OPERATOR,
            village=cast.besani,
            starts_on=dates.today(),
        )

    one_refused(at_once(grant, grant), ValidationError)
    assert Office.objects.filter(user=cast.resident).count() == 1


def test_an_account_made_twice_at_once_is_made_once(cast):
    def create():
        actions.create_account(
            by=cast.admin, username="baru", full_name="Baru", password=PASSWORD
        )

    one_refused(at_once(create, create), ValidationError)
    assert User.objects.filter(username="baru").count() == 1


def test_an_office_ended_twice_at_once_ends_once(cast):
    office = cast.operator.offices.get()

    def end():
        actions.end_office(
            by=cast.admin, office=office, ends_on=dates.today() - timedelta(days=1)
        )

    one_refused(at_once(end, end), PermissionDenied)


def test_an_empty_district_gets_one_first_admin():
    district = make_district()

    def appoint(username):
        return lambda: actions.appoint_first_admin(
            district=district, username=username, full_name="Admin", password=PASSWORD
        )

    one_refused(at_once(appoint("satu"), appoint("dua")), PermissionDenied)
    assert Office.objects.filter(post=Post.DISTRICT_ADMIN).count() == 1
