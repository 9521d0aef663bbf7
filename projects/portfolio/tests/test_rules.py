from datetime import timedelta

import pytest

from leksono_portal.kit import dates
from projects.portfolio import actions
from projects.portfolio.models import Project
from projects.tests.make import make_project, make_report, make_work_item
from villages.models import Office

VILLAGE = {"operator", "head"}
VERBS = {
    "ubah": ("edit", VILLAGE),
    "pekerjaan/tambah": ("plan", VILLAGE),
    "mulai": ("start", VILLAGE),
    "lapor": ("report", VILLAGE | {"other_operator", "other_head", "lurah"}),
    "serah-terima": ("complete", VILLAGE),
    "batalkan": ("cancel", {"head", "camat"}),
}
EVERYONE = [
    "operator",
    "head",
    "other_operator",
    "other_head",
    "lurah",
    "camat",
    "sekcam",
    "verifier",
    "treasurer",
    "admin",
    "resident",
    "far_operator",
    "far_camat",
]
STAGES = {
    "agreed": {"edit", "plan", "start", "cancel"},
    "funded": {"edit", "plan", "start", "cancel"},
    "running": {"edit", "report", "complete", "cancel"},
    "completed": set(),
    "cancelled": set(),
}


def project_at(cast, stage):
    """A project of Besani with Timbang and Leksono at `stage`, all work done."""
    project = make_project(partner_villages=[cast.timbang, cast.leksono])
    make_work_item(project)
    if stage in ("running", "completed"):
        actions.start(project, by=cast.operator)
        make_report(project, 100)
    if stage == "funded":
        actions.move_stage(project, stage, by=cast.camat)
    if stage == "completed":
        actions.complete(project, by=cast.operator)
    if stage == "cancelled":
        actions.cancel(project, by=cast.head, reason="Batal")
    return project


@pytest.mark.parametrize("who", EVERYONE)
@pytest.mark.parametrize("stage", STAGES)
def test_the_page_of_a_verb_opens_for_those_who_may_and_no_other(
    client, cast, stage, who
):
    project = project_at(cast, stage)
    client.force_login(getattr(cast, who))

    for address, (verb, allowed) in VERBS.items():
        expected = 200 if who in allowed and verb in STAGES[stage] else 403
        response = client.get(f"{project.get_absolute_url()}{address}/")
        assert response.status_code == expected, (verb, stage, who)


@pytest.mark.parametrize("who", EVERYONE)
def test_the_project_page_offers_a_verb_to_those_who_may_and_no_other(
    client, cast, who
):
    running, agreed = project_at(cast, "running"), project_at(cast, "agreed")
    client.force_login(getattr(cast, who))

    for project, stage in ((running, "running"), (agreed, "agreed")):
        page = client.get(project.get_absolute_url()).content.decode()
        for address, (verb, allowed) in VERBS.items():
            if address == "pekerjaan/tambah":
                continue
            link = f'href="{project.get_absolute_url()}{address}/"'
            expected = who in allowed and verb in STAGES[stage]
            assert (link in page) == expected, (verb, stage, who)


def test_a_stranger_is_led_to_the_sign_in(client, cast):
    project = make_project()
    for address in VERBS:
        response = client.get(f"{project.get_absolute_url()}{address}/")
        assert response.status_code == 302
        assert response.url.startswith("/akun/login/")


def test_a_verb_of_no_project_is_not_found(client, cast):
    client.force_login(cast.operator)
    for address in VERBS:
        assert client.get(f"/proyek/999/{address}/").status_code == 404
        assert client.get(f"/proyek/{10**20}/{address}/").status_code == 404


def test_an_office_that_ended_gives_no_verb(client, cast):
    project = project_at(cast, "agreed")
    yesterday = dates.today() - timedelta(days=1)
    Office.objects.filter(user=cast.operator).update(ends_on=yesterday)
    client.force_login(cast.operator)
    assert client.get(f"{project.get_absolute_url()}ubah/").status_code == 403


def test_all_verbs_are_asked_in_the_one_query_of_the_project(
    cast, django_assert_num_queries
):
    project_at(cast, "running")
    with django_assert_num_queries(1):
        project = Project.objects.with_verbs(cast.operator).get()
        assert (project.can_report, project.can_cancel) == (True, False)
