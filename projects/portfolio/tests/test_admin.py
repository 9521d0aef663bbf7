import pytest

from projects.portfolio.models import Project
from projects.tests.make import make_report, running_project


@pytest.mark.parametrize("who", ["camat", "verifier", "admin"])
def test_district_staff_look_and_change_nothing(client, cast, who):
    report = make_report(running_project(title="Jalan tembus"), 10, 10)
    project = f"/admin/projects/project/{report.project_id}/"
    client.force_login(getattr(cast, who))

    for address in (
        "/admin/projects/project/?q=tembus",
        f"{project}change/",
        f"/admin/projects/progressreport/{report.pk}/change/",
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert "Jalan tembus" in page.content.decode()
    for address in (
        "/admin/projects/project/add/",
        f"{project}change/",
        f"{project}delete/",
    ):
        assert client.post(address, {"stage": "completed"}).status_code == 403
    assert Project.objects.get().stage == "running"


@pytest.mark.parametrize("who", ["operator", "head", "lurah", "resident"])
def test_villages_and_residents_have_no_back_office(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get("/admin/projects/project/").status_code in (302, 403)
