"""What the database itself refuses, asked as the role the web server has."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from leksono_portal.kit import dates
from projects.portfolio.models import Participation, ProgressReport, Project, WorkItem
from projects.tests.make import (
    make_project,
    make_report,
    make_work_item,
    running_project,
)

GUARDED = [
    "projects_project",
    "projects_workitem",
    "projects_stagechange",
    "projects_progressreport",
    "projects_reporteditem",
]
REFUSED = {
    "a project is never deleted": "DELETE FROM projects_project",
    "a project does not jump": "UPDATE projects_project SET stage = 'completed'"
    " WHERE stage = 'agreed'",
    "a project does not go back": "UPDATE projects_project SET stage = 'agreed'"
    " WHERE stage = 'running'",
    "a move has its row of history": "UPDATE projects_project SET stage = 'cancelled',"
    " step = step + 1",
    "steps are not counted without a move": "UPDATE projects_project SET step = 9",
    "history is not rewritten": "UPDATE projects_stagechange SET note = 'lain'",
    "history is not deleted": "DELETE FROM projects_stagechange",
    "history is not invented": "INSERT INTO projects_stagechange"
    " (project_id, number, from_stage, to_stage, by_id, at, note)"
    " SELECT id, 7, 'running', 'completed', created_by_id, now(), ''"
    " FROM projects_project",
    "a report is not rewritten": "UPDATE projects_progressreport SET physical = 100",
    "a report is not deleted": "DELETE FROM projects_progressreport",
    "a report's piece is not rewritten": "UPDATE projects_reporteditem"
    " SET percent = 100",
    "a report's piece is not deleted": "DELETE FROM projects_reporteditem",
    "work under way keeps its cost": "UPDATE projects_workitem SET cost = 1",
    "work under way is not taken out": "DELETE FROM projects_workitem"
    " WHERE id NOT IN (SELECT work_item_id FROM projects_reporteditem)",
    "no work is added under way": "INSERT INTO projects_workitem (project_id, title,"
    " cost, starts_on, ends_on, version, updated_by_id, updated_at)"
    " SELECT id, 'x', 1, now(), now(), 1, created_by_id, now() FROM projects_project"
    " WHERE stage = 'running'",
    "no report before the start": "INSERT INTO projects_progressreport (project_id,"
    " reported_on, text, spent, physical, created_by_id, created_at)"
    " SELECT id, now(), 'x', 1, 1, created_by_id, now() FROM projects_project"
    " WHERE stage = 'agreed'",
    "a project does not begin half way": "INSERT INTO projects_project (title, sector,"
    " lead_village_id, place, purpose, year, stage, step, version, created_by_id,"
    " created_at, updated_by_id, updated_at) SELECT title, sector, lead_village_id,"
    " place, purpose, year, 'running', 1, 1, created_by_id, now(), updated_by_id,"
    " now() FROM projects_project",
    "triggers obey no setting": "SET session_replication_role = replica",
}


@pytest.fixture
def reported(cast):
    """An agreed project, one under way, and one under way with a report."""
    make_project(title="Disepakati")
    running_project(title="Belum dilaporkan")
    make_report(running_project(), 10, 10)


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses(as_web_role, reported, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize(
    "sql", ["TRUNCATE {} CASCADE", "ALTER TABLE {} DISABLE TRIGGER USER"]
)
def test_no_table_is_emptied_and_no_guard_dismissed(as_web_role, reported, table, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(sql.format(table))


def test_work_does_not_wander_to_another_project(as_web_role, cast):
    make_work_item(make_project())
    other = make_project(title="Lain")
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute("UPDATE projects_workitem SET project_id = %s", [other.pk])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("work_item_costs_something", {"cost": 0}),
        (
            "work_item_ends_after_it_starts",
            {"ends_on": dates.today() - timedelta(days=99)},
        ),
    ],
)
def test_impossible_work_is_refused_by_name(cast, name, change):
    make_work_item(make_project())
    with pytest.raises(IntegrityError, match=name):
        WorkItem.objects.update(**change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("project_says_what_why_where", {"purpose": ""}),
        ("project_year_sane", {"year": 1945}),
    ],
)
def test_an_impossible_project_is_refused_by_name(cast, name, change):
    make_project()
    with pytest.raises(IntegrityError, match=name):
        Project.objects.update(**change)


def test_more_than_all_is_no_percent(cast):
    project = running_project()
    with pytest.raises(IntegrityError, match="report_physical_is_percent"):
        ProgressReport.objects.create(
            project=project,
            reported_on=dates.today(),
            text="x",
            spent=0,
            physical=101,
            created_by=cast.operator,
        )


def test_a_village_takes_part_once(cast):
    project = make_project(partner_villages=[cast.timbang])
    with pytest.raises(IntegrityError, match="village_takes_part_once"):
        Participation.objects.create(project=project, village=cast.timbang)
