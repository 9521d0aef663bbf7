"""Two at once, with real threads on PostgreSQL."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from projects.funding import actions
from projects.funding.models import Reservation, Transition
from projects.sources import actions as sources
from projects.sources.models import Allotment
from projects.tests.make import (
    asked_amounts,
    checklist,
    make_allotment,
    make_change,
    make_project,
    make_request,
    make_source,
    submitted_request,
    verified_request,
)
from projects.tests.threads import REFUSED, together

pytestmark = pytest.mark.django_db(transaction=True)


def approval(cast, request):
    return partial(
        actions.approve,
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        amounts=asked_amounts(request),
        reasons={},
        letter_number="900/12/2026",
    )


def in_turn(*jobs):
    """One after the other; the first refusal does not keep the rest from trying."""
    ends = [refused_or_done(job) for job in jobs]
    if "done" not in ends:
        raise PermissionDenied


def refused_or_done(job):
    try:
        job()
    except REFUSED:
        return "refused"
    return "done"


def test_forty_approvals_of_30_stay_within_a_ceiling_of_100(cast):
    ceiling = make_allotment(cast.district, ceiling=100)
    requests = [
        [verified_request(make_project(), ceiling, asked=(30,)) for _ in range(4)]
        for _ in range(10)
    ]

    ends = together(
        *(
            partial(in_turn, *(approval(cast, request) for request in row))
            for row in requests
        )
    )

    assert set(ends) <= {"done", "PermissionDenied"}, ends
    assert Allotment.objects.get().reserved == 90
    assert Reservation.objects.count() == 3


def test_one_request_is_approved_once_by_eight_at_once(cast):
    ceiling = make_allotment(cast.district)
    request = verified_request(make_project(), ceiling)

    ends = together(*[approval(cast, request)] * 8)

    assert ends == {"done": 1, "Stale": 7}
    assert Transition.objects.filter(to_status="approved").count() == 1


def decision(cast, change):
    return partial(
        sources.decide_change, by=cast.camat, change_id=change.pk, accept=True
    )


def test_approving_and_lowering_the_ceiling_do_not_cross(cast):
    ceiling = make_allotment(cast.district, ceiling=100)
    for reads in range(0, 64, 4):
        request = verified_request(make_project(), ceiling, asked=(80,))
        lowering = make_change(ceiling, ceiling.reserved + 50)
        lower = decision(cast, lowering)

        def lower_later(lower=lower, reads=reads):
            for _ in range(reads):  # so as to meet the approval at different points
                Allotment.objects.get()
            lower()

        ends = together(approval(cast, request), lower_later)

        assert ends == {"done": 1, "ValidationError": 1}
        ceiling.refresh_from_db()
        assert ceiling.reserved <= ceiling.ceiling
        if ceiling.changes.filter(decided_at=None):
            sources.decide_change(
                by=cast.camat, change_id=lowering.pk, accept=False, note="Terikat."
            )
        make_change(ceiling, ceiling.reserved + 100, accept=True)
        ceiling.refresh_from_db()


def test_a_change_is_proposed_and_decided_once_by_eight_at_once(cast):
    ceiling = make_allotment(cast.district, ceiling=100)
    proposal = partial(make_change, ceiling, 80)
    assert together(*[proposal] * 8) == {"done": 1, "ValidationError": 7}
    change = ceiling.changes.get()
    ends = together(*[decision(cast, change)] * 8)
    assert ends == {"done": 1, "PermissionDenied": 7}
    ceiling.refresh_from_db()
    assert ceiling.ceiling == 80


def test_two_ceilings_taken_in_opposite_order_do_not_lock_each_other(cast):
    first = make_allotment(cast.district)
    second = make_allotment(cast.district, source=make_source("dd", "Dana Desa"))
    for _ in range(5):
        jobs = []
        for one, other in [(first, second), (second, first)] * 2:
            request = make_request(make_project(), one, asked=(30,))
            actions.add_line(
                by=cast.operator,
                request_id=request.pk,
                group="2equipment",
                description="Molen",
                quantity=1,
                unit="unit",
                unit_price=20,
                allotment=other,
            )
            request.refresh_from_db()
            request = actions.submit(
                by=cast.head,
                request_id=request.pk,
                version=request.version,
                letter_number="1",
            )
            request = actions.verify(
                by=cast.verifier,
                request_id=request.pk,
                step=request.step,
                checklist=checklist(),
            )
            jobs.append(approval(cast, request))

        assert together(*jobs) == {"done": 4}


def test_a_request_is_verified_or_returned_not_both(cast):
    ceiling = make_allotment(cast.district)
    project = make_project()
    for _ in range(5):
        request = submitted_request(project, ceiling)
        seen = {"request_id": request.pk, "step": request.step}
        ends = together(
            partial(actions.verify, by=cast.verifier, checklist=checklist(), **seen),
            partial(actions.send_back, by=cast.camat, reason="Peta kurang", **seen),
        )
        assert ends == {"done": 1, "Stale": 1}
        request.refresh_from_db()
        assert request.step == seen["step"] + 1


def test_a_request_is_sent_once(cast):
    ceiling = make_allotment(cast.district)
    request = make_request(make_project(), ceiling)
    send = partial(
        actions.submit,
        by=cast.head,
        request_id=request.pk,
        version=request.version,
        letter_number="1",
    )
    assert together(*[send] * 6) == {"done": 1, "Stale": 5}
    request.refresh_from_db()
    assert (request.revision, request.revisions.count()) == (1, 1)


def test_lines_written_by_several_at_once_are_all_in_the_sum(cast):
    ceiling = make_allotment(cast.district)
    request = make_request(make_project(), ceiling, asked=(10,))
    line = partial(
        actions.add_line,
        by=cast.operator,
        request_id=request.pk,
        group="1material",
        description="Batu",
        quantity=1,
        unit="m³",
        unit_price=10,
        allotment=ceiling,
    )
    assert together(*[line] * 8) == {"done": 8}
    request.refresh_from_db()
    assert request.requested == 90


def test_a_budget_is_not_changed_while_it_is_being_sent(cast):
    ceiling = make_allotment(cast.district)
    project = make_project()
    for _ in range(5):
        request = make_request(project, ceiling, asked=(10,))
        line = request.lines.get()
        seen = {"request_id": request.pk, "version": request.version}
        ends = together(
            partial(actions.submit, by=cast.head, letter_number="1", **seen),
            partial(
                actions.save_line,
                by=cast.operator,
                line_id=line.pk,
                unit_price=20,
                **seen,
            ),
        )
        assert ends == {"done": 1, "Stale": 1}
