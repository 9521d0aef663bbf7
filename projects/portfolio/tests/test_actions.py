from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from projects.portfolio import actions
from projects.portfolio.models import Project, WorkItem
from projects.tests.make import (
    make_allotment,
    make_project,
    make_report,
    make_request,
    make_work_item,
    running_project,
)

Stage = Project.Stage


def test_a_new_project_is_agreed_and_its_history_says_who(cast):
    project = make_project(partner_villages=[cast.timbang, cast.besani])

    assert project.stage == Stage.AGREED
    assert project.villages == [cast.besani, cast.timbang]
    change = project.stage_changes.get()
    assert (change.number, change.from_stage, change.to_stage) == (1, "", "agreed")
    assert change.by == cast.operator


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("operator", True),
        ("head", True),
        ("sekcam", True),
        ("other_operator", False),
        ("lurah", False),
        ("camat", False),
        ("verifier", False),
        ("treasurer", False),
        ("admin", False),
        ("resident", False),
        ("far_operator", False),
    ],
)
def test_who_may_put_a_project_of_besani_on_the_portal(cast, who, allowed):
    user = getattr(cast, who)
    if allowed:
        assert make_project(by=user).created_by == user
    else:
        with pytest.raises(PermissionDenied):
            make_project(by=user)
        assert not Project.objects.exists()


def test_the_kelurahan_may_lead(cast):
    assert make_project(lead_village=cast.leksono).created_by == cast.lurah


def test_an_edit_counts_the_version_and_leaves_a_trail(cast):
    project = make_project(partner_villages=[cast.timbang])

    actions.edit_project(
        project,
        by=cast.head,
        version=1,
        partner_villages=[cast.leksono],
        title="Jalan baru",
        place="Dusun Wetan",
    )

    project = Project.objects.get()
    assert (project.title, project.version) == ("Jalan baru", 2)
    assert project.updated_by == cast.head
    assert list(project.partner_villages.all()) == [cast.leksono]
    event = AuditEvent.objects.get(verb="project.edit")
    assert event.old["partner_villages"] == ["Timbang"]
    assert event.new["title"] == "Jalan baru"


def test_an_edit_of_an_old_page_is_refused_with_who_and_when(cast):
    project = make_project()
    fields = {"partner_villages": [], "title": "A"}
    actions.edit_project(project, by=cast.head, version=1, **fields)

    with pytest.raises(Stale, match="Kades Besani"):
        actions.edit_project(
            project, by=cast.operator, version=1, **(fields | {"title": "B"})
        )
    assert Project.objects.get().title == "A"


def test_a_village_whose_money_a_request_draws_on_does_not_leave(cast):
    project = make_project(partner_villages=[cast.timbang, cast.leksono])
    of_timbang = make_allotment(cast.district, village=cast.timbang)
    make_request(project, of_timbang)
    fields = {"by": cast.head, "version": 1}

    with pytest.raises(ValidationError, match="Desa Timbang ikut membiayai"):
        actions.edit_project(project, partner_villages=[], **fields)
    assert Project.objects.get().version == 1


def test_work_is_planned_changed_and_taken_out_before_the_start(cast):
    project = make_project()
    first = make_work_item(project)
    second = make_work_item(project, title="Talud")

    actions.save_work_item(first, by=cast.head, version=1, title="Cor", cost=5)
    actions.remove_work_item(second, by=cast.head, version=1)

    item = WorkItem.objects.get()
    assert (item.title, item.cost, item.version) == ("Cor", 5, 2)
    assert AuditEvent.objects.get(verb="project.work-item.remove").old["title"] == (
        "Talud"
    )


def test_work_changed_by_another_meanwhile_is_neither_saved_nor_removed(cast):
    item = make_work_item(make_project())
    actions.save_work_item(item, by=cast.head, version=1, title="Cor")

    with pytest.raises(Stale):
        actions.save_work_item(item, by=cast.operator, version=1, title="Aspal")
    with pytest.raises(Stale):
        actions.remove_work_item(item, by=cast.operator, version=1)
    assert WorkItem.objects.get().title == "Cor"


def test_the_plan_is_closed_once_the_work_has_begun(cast):
    project = running_project()
    item = project.work_items.first()

    with pytest.raises(PermissionDenied):
        make_work_item(project)
    with pytest.raises(PermissionDenied):
        actions.save_work_item(item, by=cast.operator, version=1, title="Aspal")
    with pytest.raises(PermissionDenied):
        actions.remove_work_item(item, by=cast.operator, version=1)


def test_work_cannot_begin_without_a_plan(cast):
    project = make_project()
    with pytest.raises(PermissionDenied):
        actions.start(project, by=cast.operator)

    make_work_item(project)
    actions.start(project, by=cast.operator, note="Gotong royong")
    change = project.stage_changes.last()
    assert (change.number, change.to_stage) == (2, "running")
    assert change.note == "Gotong royong"


def test_a_report_weighs_what_each_piece_costs(cast):
    project = running_project(costs=(80_000_000, 20_000_000))
    report = make_report(project, 50, 10, spent=1_000)

    assert report.physical == 42
    assert [item.percent for item in report.items.order_by("work_item")] == [50, 10]
    project = Project.objects.with_last_report().get()
    assert (project.last_physical, project.last_spent) == (42, 1_000)


def test_a_taking_part_village_may_report(cast):
    project = running_project(partner_villages=[cast.timbang])
    report = make_report(project, 10, 10, by=cast.other_operator)
    assert report.created_by == cast.other_operator


def test_a_later_report_may_correct_an_earlier_one_downwards(cast):
    project = running_project()
    make_report(project, 60, 0, spent=500)
    make_report(project, 40, 0, spent=400)

    project = Project.objects.with_last_report().get()
    assert (project.last_physical, project.last_spent) == (32, 400)


@pytest.mark.parametrize("days", [1, -5])
def test_a_report_is_not_of_a_day_to_come_nor_before_the_last_one(cast, days):
    project = running_project()
    make_report(project, 10, 0, reported_on=dates.today() - timedelta(days=4))

    with pytest.raises(ValidationError) as refusal:
        make_report(project, 20, 0, reported_on=dates.today() + timedelta(days=days))
    assert "reported_on" in refusal.value.message_dict
    assert project.reports.count() == 1


def test_a_report_tells_of_every_piece_and_of_no_other(cast):
    project, other = running_project(), running_project(title="Lain")
    items = {item.pk: 10 for item in project.work_items.all()}
    strange = other.work_items.first().pk

    for wrong in ({}, items | {strange: 5}, dict(list(items.items())[:1])):
        with pytest.raises(ValidationError):
            make_report(project, 10, 10, percents=wrong)
    assert not project.reports.exists()


def test_hand_over_waits_for_one_hundred_percent_in_the_last_report(cast):
    project = running_project()
    make_report(project, 100, 100)
    make_report(project, 100, 99)
    with pytest.raises(PermissionDenied):
        actions.complete(project, by=cast.operator)

    make_report(project, 100, 100)
    actions.complete(project, by=cast.operator)
    assert Project.objects.get().stage == Stage.COMPLETED


def test_cancelling_needs_a_reason_which_becomes_public(cast):
    project = make_project()
    with pytest.raises(ValidationError):
        actions.cancel(project, by=cast.head, reason="  ")

    actions.cancel(project, by=cast.head, reason="Lahan bersengketa.")
    assert project.stage_changes.last().note == "Lahan bersengketa."
    with pytest.raises(PermissionDenied):
        actions.cancel(project, by=cast.head, reason="Lagi")


def test_money_moves_a_project_on_and_never_back(cast):
    project = make_project()
    make_work_item(project)

    actions.move_stage(project, Stage.FUNDED, by=cast.camat)
    assert project.stage == Stage.FUNDED
    actions.move_stage(project, Stage.RUNNING, by=cast.treasurer)
    assert project.stage == Stage.RUNNING
    for stage in (Stage.FUNDED, Stage.RUNNING):
        actions.move_stage(project, stage, by=cast.camat)
    assert Project.objects.get().stage == Stage.RUNNING
    assert project.stage_changes.count() == 3


def test_money_moves_a_project_as_it_stands_now_not_as_it_was_read(cast):
    project = make_project()
    read_before = Project.objects.get()
    actions.cancel(project, by=cast.head, reason="Batal")

    actions.move_stage(read_before, Stage.FUNDED, by=cast.camat)
    assert Project.objects.get().stage == Stage.CANCELLED


def test_released_money_does_not_start_work_that_was_not_planned(cast):
    project = make_project()
    actions.move_stage(project, Stage.FUNDED, by=cast.camat)
    actions.move_stage(project, Stage.RUNNING, by=cast.treasurer)

    assert Project.objects.get().stage == Stage.FUNDED
    make_work_item(project)
    actions.start(project, by=cast.operator)
    assert Project.objects.get().stage == Stage.RUNNING
