"""Two people at once, with real threads and real transactions."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from leksono_portal.kit import form_keys
from leksono_portal.kit.errors import Stale
from projects.portfolio import actions
from projects.portfolio.models import ProgressReport, Project, StageChange, WorkItem
from projects.tests.make import (
    make_project,
    make_report,
    make_work_item,
    running_project,
)

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = (PermissionDenied, Stale)


def together(*acts):
    """Do `acts` at the same moment; their results, or what each was refused with."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        connection.ensure_connection()
        barrier.wait()
        try:
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def refused(results):
    """How many were refused in words; anything else that went wrong is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, REFUSED):
            raise result
    return sum(isinstance(result, REFUSED) for result in results)


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_starts_at_once_one_is_told(cast, attempt):
    project = make_project()
    make_work_item(project)

    results = together(
        lambda: actions.start(project, by=cast.operator),
        lambda: actions.start(project, by=cast.head),
    )

    assert refused(results) == 1
    assert StageChange.objects.filter(to_stage="running").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_a_start_and_a_cancelling_at_once_leave_one_true_history(cast, attempt):
    project = make_project()
    make_work_item(project)

    results = together(
        lambda: actions.start(project, by=cast.operator),
        lambda: actions.cancel(project, by=cast.head, reason="Batal"),
    )

    assert refused(results) <= 1
    project.refresh_from_db()
    stages = [change.to_stage for change in project.stage_changes.all()]
    assert stages in (["agreed", "cancelled"], ["agreed", "running", "cancelled"])
    assert project.step == len(stages)


@pytest.mark.parametrize("attempt", range(5))
def test_a_correction_at_the_moment_of_hand_over_is_not_overlooked(cast, attempt):
    project = running_project()
    make_report(project, 100, 100)

    results = together(
        lambda: make_report(project, 100, 90),
        lambda: actions.complete(project, by=cast.head),
    )

    assert refused(results) == 1
    project = Project.objects.with_last_report().get()
    if project.stage == "completed":
        assert project.last_physical == 100
    else:
        assert (project.stage, project.last_physical) == ("running", 98)


@pytest.mark.parametrize("attempt", range(5))
def test_the_plan_does_not_change_under_a_start(cast, attempt):
    project = make_project()
    item = make_work_item(project)

    results = together(
        lambda: actions.remove_work_item(item, by=cast.operator, version=1),
        lambda: actions.start(project, by=cast.head),
    )

    assert refused(results) == 1
    running = Project.objects.get().stage == "running"
    assert running == WorkItem.objects.exists()


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_changes_to_one_piece_of_work_one_is_told(cast, attempt):
    item = make_work_item(make_project())

    results = together(
        lambda: actions.save_work_item(item, by=cast.operator, version=1, title="A"),
        lambda: actions.save_work_item(item, by=cast.head, version=1, title="B"),
    )

    assert refused(results) == 1
    assert WorkItem.objects.get().version == 2


def send_report(project, user, key):
    body = {
        "reported_on": "2026-01-01",
        "text": "Baik",
        "spent": "1.000",
        "seen": 0,
        f"item-{project.work_items.get().pk}": 50,
        form_keys.FIELD: key,
    }
    client = Client()
    client.force_login(user)
    return client.post(f"{project.get_absolute_url()}lapor/", body).status_code


@pytest.mark.parametrize("attempt", range(3))
def test_a_report_sent_twice_is_one_report(cast, attempt):
    project = running_project(costs=[5])
    key = form_keys.new_key(cast.operator)

    def send():
        return send_report(project, cast.operator, key)

    assert together(send, send) == [302, 302]
    assert ProgressReport.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_villages_reporting_at_once_one_sees_what_the_other_wrote(cast, attempt):
    project = running_project(costs=[5], partner_villages=[cast.timbang])

    def send(user):
        return send_report(project, user, form_keys.new_key(user))

    results = together(lambda: send(cast.operator), lambda: send(cast.other_operator))

    assert sorted(results) == [302, 409]
    assert ProgressReport.objects.count() == 1
