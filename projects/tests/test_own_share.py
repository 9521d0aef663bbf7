"""What the villages bring themselves, from the request to the project's page."""

from projects.funding import actions as funding
from projects.tests.make import (
    asked_amounts,
    checklist,
    make_allotment,
    make_line,
    make_project,
    make_request,
)


def test_own_share_stands_on_the_project_once_its_request_is_granted(client, cast):
    project = make_project()
    request = make_request(project, make_allotment(cast.district), asked=(30_000_000,))
    make_line(request, quantity=1, unit_price=6_000_000)
    request.refresh_from_db()

    def sources():
        context = client.get(project.get_absolute_url()).context
        rows = [(r["name"], r["asked"], r["approved"]) for r in context["sources"]]
        return rows, context["money"]["granted"]

    assert sources() == ([], 0)
    request = funding.submit(
        by=cast.head,
        request_id=request.pk,
        version=request.version,
        letter_number="410/1/2026",
    )
    kabupaten = "Bantuan Keuangan Kabupaten"
    assert sources() == (
        [(kabupaten, 30_000_000, 0), ("Swadaya desa", 6_000_000, 0)],
        0,
    )
    request = funding.verify(
        by=cast.verifier,
        request_id=request.pk,
        step=request.step,
        checklist=checklist(),
    )
    funding.approve(
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        amounts=asked_amounts(request),
        reasons={},
        letter_number="900/1/2026",
    )
    assert sources() == (
        [(kabupaten, 30_000_000, 30_000_000), ("Swadaya desa", 6_000_000, 6_000_000)],
        36_000_000,
    )
