"""Filling a portal with the example: only an empty one, and the same each time."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from forum.models import Meeting, Participant
from leksono_portal.home import demo as example
from leksono_portal.kit.demo import is_demo
from leksono_portal.kit.models import DemoMark
from projects.models import FundingRequest, ProgressReport, Project
from villages.areas import reference
from villages.models import User
from villages.tests.make import make_user


def seed(**options):
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def snapshot():
    """What the example says, without the numbers the database gives out."""
    asked = ("title", "status", "status_since", "requested", "approved", "released")
    return [
        list(User.objects.order_by("username").values_list("username", "full_name")),
        list(Project.objects.order_by("title").values_list("title", "stage", "year")),
        list(FundingRequest.objects.order_by("title").values_list(*asked)),
        list(Meeting.objects.order_by("title").values_list("title", "starts_at")),
        list(Participant.objects.order_by("name", "post").values_list("name", "sex")),
        list(ProgressReport.objects.order_by("text").values_list("text", "physical")),
    ]


def test_if_empty_it_is_silent_about_a_portal_in_use(db):
    make_user("orang.sungguhan")
    assert seed(if_empty=True) == ""
    assert not DemoMark.objects.exists() and User.objects.count() == 1


def test_it_refuses_a_portal_in_use_in_a_sentence(db):
    make_user("orang.sungguhan")
    with pytest.raises(CommandError, match="sudah berisi akun"):
        seed()
    assert not DemoMark.objects.exists() and not Project.objects.exists()


def test_it_honours_a_wish_for_no_example(db, monkeypatch):
    monkeypatch.setenv("DEMO", "false")
    assert seed(if_empty=True) == "" and not User.objects.exists()


def test_reference_data_do_not_make_a_portal_used(db):
    reference.load()
    assert example.what_is_here() is None


def test_a_failure_midway_leaves_nothing_behind(db, monkeypatch):
    def fail(decision, tale):
        raise RuntimeError("listrik padam")

    monkeypatch.setattr(example.works, "make", fail)
    with pytest.raises(RuntimeError):
        seed()
    assert example.what_is_here() is None and not is_demo(fresh=True)


def test_the_web_role_is_enough_and_makes_the_same(db):
    with transaction.atomic():
        seed()
        first = snapshot()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")
        seed()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
    assert snapshot() == first and all(first)
