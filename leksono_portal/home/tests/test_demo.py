"""The example: whole, deterministic, and only ever in an empty portal."""

from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from forum.models import Meeting, Participant
from leksono_portal.home import demo as example
from leksono_portal.kit import dates
from leksono_portal.kit.demo import is_demo
from leksono_portal.kit.models import DemoMark, StoredPaper
from projects.models import FundingRequest, ProgressReport, Project, StageChange
from projects.portfolio import story
from villages.areas import reference
from villages.models import Office, User, Village
from villages.people.passwords import DEMO_PASSWORD
from villages.tests.make import make_user


def seed(**options):
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def numbers():
    return {
        model._meta.label: model.objects.count()
        for model in apps.get_models()
        if model._meta.app_label in example.ROOMS
    }


def test_the_example_is_whole_and_spans_two_years(db):
    told = seed()
    assert is_demo(fresh=True)
    assert set(Project.objects.values_list("sector", flat=True)) == set(Project.Sector)
    assert set(Project.objects.values_list("stage", flat=True)) == set(Project.Stage)
    assert Meeting.objects.count() == 8
    assert Meeting.objects.exclude(finalised_at=None).count() == 6
    states = FundingRequest.objects.order_by("status").values_list("status", flat=True)
    assert Counter(states) == {
        "approved": 1,
        "rejected": 1,
        "returned": 1,
        "running": 3,
        "submitted": 1,
        "verified": 1,
    }
    # A berita acara with its attendance list each, and letters that grant or refuse.
    assert StoredPaper.objects.count() == 6 * 2 + 5
    first = StageChange.objects.order_by("at").first()
    assert dates.days_since(first.at) > 650
    assert "operator.<desa>" in told and DEMO_PASSWORD in told


def test_what_was_spent_is_within_what_the_projects_had(db):
    seed()
    for project in Project.objects.with_money().with_last_report().with_plan():
        own = sum(row["own"] for row in story.money_by_source(project))
        had = project.released + own or project.cost
        assert (project.last_spent or 0) <= had, project


def test_each_village_has_its_people_and_all_sign_in(db, client):
    seed()
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


def test_no_account_but_the_first_admin_was_given_power_by_nobody(db):
    seed()
    first = Office.objects.get(granted_by=None)
    assert first.user.username == "admin"


def test_the_history_spans_weeks_and_is_in_order(db):
    seed()
    for request in FundingRequest.objects.prefetch_related("transitions"):
        moments = [step.at for step in request.transitions.all()]
        assert moments == sorted(moments) and len(set(moments)) == len(moments)
    for project in Project.objects.prefetch_related("stage_changes", "reports"):
        begun = [c.at for c in project.stage_changes.all() if c.to_stage == "running"]
        for report in project.reports.all():
            assert begun[0] < report.created_at


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


def test_it_is_the_same_each_time(db):
    with transaction.atomic():
        seed()
        first = snapshot()
        transaction.set_rollback(True)
    seed()
    assert snapshot() == first and all(first)


def test_a_second_time_it_refuses_and_changes_nothing(db):
    seed()
    before = numbers()
    with pytest.raises(CommandError, match="sudah berisi"):
        seed()
    assert numbers() == before


def test_if_empty_it_is_silent_about_a_portal_in_use(db):
    make_user("orang.sungguhan")
    assert seed(if_empty=True) == ""
    assert not DemoMark.objects.exists() and User.objects.count() == 1


def test_it_refuses_a_portal_in_use_in_a_sentence(db):
    make_user("orang.sungguhan")
    with pytest.raises(CommandError, match="sudah berisi akun"):
        seed()
    assert not DemoMark.objects.exists() and not Project.objects.exists()


def test_if_empty_it_tells_the_accounts_each_time(db):
    assert seed(if_empty=True) == seed(if_empty=True) != ""


def test_it_honours_a_wish_for_no_example(db, monkeypatch):
    monkeypatch.setenv("DEMO", "false")
    assert seed(if_empty=True) == "" and not User.objects.exists()


def test_reference_data_do_not_make_a_portal_used(db):
    reference.load()
    assert example.what_is_here() is None


def test_a_failure_midway_leaves_nothing_behind(db, monkeypatch):
    def fail(pipe):
        raise RuntimeError("listrik padam")

    monkeypatch.setattr(example.works, "respond", fail)
    with pytest.raises(RuntimeError):
        seed()
    assert example.what_is_here() is None and not is_demo(fresh=True)


def test_the_web_role_is_enough_to_make_it(db):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")
        seed()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
    assert Project.objects.count() == 10
