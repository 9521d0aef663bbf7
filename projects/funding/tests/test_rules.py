"""Who may do what to a request in which state: the matrix, one cell at a time."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from leksono_portal.kit import dates
from projects.funding import actions
from projects.funding.models import FundingRequest
from projects.tests.make import (
    accounted_request,
    all_accounted_request,
    approved_request,
    completed_request,
    held_request,
    make_cancellation,
    make_request,
    released_request,
    submitted_request,
    verified_request,
)
from villages.models import Office
from villages.tests.make import make_officer

WHO = [
    "stranger",
    "resident",
    "operator",
    "head",
    "other_operator",
    "other_head",
    "lurah",
    "verifier",
    "camat",
    "sekcam",
    "treasurer",
    "admin",
    "monitor",
    "far_camat",
    "two_offices",
    "ended",
    "stand_in",
]
WRITERS = ("operator", "head", "two_offices")
VILLAGE = {"operator": "edit", "head": "edit submit withdraw"}
MATRIX = {
    "draft": VILLAGE,
    "submitted": {
        "head": "withdraw",
        "verifier": "verify return",
        "camat": "return reject",
    },
    "returned": VILLAGE,
    "verified": {"verifier": "return", "camat": "approve return reject"},
    "approved": {"treasurer": "release", "camat": "cancel"},
    "running": {"camat": "hold"},  # its first tranche is not accounted for
    "running, accounted": {"treasurer": "release", "camat": "cancel hold"},
    "running, all accounted": {"verifier": "complete", "camat": "cancel hold"},
    "held": {"camat": "resume"},
    "completed": {},
    "cancelled": {},
    "rejected": {},
    "withdrawn": {},
}
INSIDE = {
    "operator",
    "two_offices",
    "stand_in",
    "head",
    "verifier",
    "camat",
    "sekcam",
    "treasurer",
    "admin",
}
INSIDE |= {"monitor"}


def put_in(status, cast, project, ceiling):
    """A request on its ordinary way to `status`."""
    straight = {
        "draft": make_request,
        "submitted": submitted_request,
        "verified": verified_request,
        "approved": approved_request,
        "running": released_request,
        "running, accounted": accounted_request,
        "running, all accounted": all_accounted_request,
        "held": held_request,
        "completed": completed_request,
    }
    if status in straight:
        return straight[status](project, ceiling)
    if status == "cancelled":
        request = approved_request(project, ceiling)
        make_cancellation(request, is_signed=True)
        request.refresh_from_db()
        return request
    request = submitted_request(project, ceiling)
    step = {"request_id": request.pk, "step": request.step, "reason": "Peta kurang"}
    if status == "returned":
        return actions.send_back(by=cast.verifier, **step)
    if status == "rejected":
        return actions.reject(by=cast.camat, letter_number="900/1/2026", **step)
    return actions.withdraw(by=cast.head, **step)


def person(cast, name):
    if name == "stranger":
        return AnonymousUser()
    if name == "monitor":
        return make_officer("pemantau", "monitor", cast.district)
    if name == "two_offices":  # of the village and of the district: may only write
        user = make_officer("dua.jabatan", "verifier", cast.district)
        Office.objects.create(
            user=user, post="operator", village=cast.besani, starts_on=dates.today()
        )
        return user
    if name == "ended":
        yesterday = dates.today() - timedelta(days=1)
        user = make_officer("camat.lama", "camat", cast.district)
        user.offices.update(ends_on=yesterday)
        return user
    if name == "stand_in":
        plt = Office.Standing.PLT
        return make_officer("plt.camat", "camat", cast.district, standing=plt)
    return getattr(cast, name)


def rights(status, who):
    """The verbs of `who`, in words."""
    like = {"two_offices": "operator", "stand_in": "camat"}.get(who, who)
    return MATRIX[status].get(like, "")


@pytest.mark.parametrize("status", MATRIX)
def test_the_matrix(cast, project, ceiling, status, django_assert_num_queries):
    request = put_in(status, cast, project, ceiling)
    verbs = [
        verb for verb in FundingRequest.objects.all().VERBS if verb != "read_notes"
    ]
    for who in WHO:
        user = person(cast, who)
        with django_assert_num_queries(1):
            row = FundingRequest.objects.with_verbs(user).get(pk=request.pk)
        may = " ".join(verb for verb in sorted(verbs) if getattr(row, f"can_{verb}"))
        assert may == " ".join(sorted(rights(status, who).split())), who
        assert row.can_read_notes == (who in INSIDE), who
        seen = FundingRequest.objects.visible_to(user).contains(request)
        assert seen == (status != "draft" or who in WRITERS), who


def test_a_draft_that_was_withdrawn_stays_with_the_village(cast, project, ceiling):
    request = make_request(project, ceiling)
    actions.withdraw(by=cast.head, request_id=request.pk, step=request.step)
    visible = FundingRequest.objects.visible_to
    assert visible(cast.operator).contains(request)
    assert not visible(cast.camat).contains(request)


def test_the_head_does_not_send_what_they_wrote_while_others_could(
    cast, project, ceiling
):
    request = make_request(project, ceiling, by=cast.head)
    submittable = FundingRequest.objects.submittable_by
    assert not submittable(cast.head).contains(request)
    Office.objects.filter(user=cast.operator).update(ends_on="2026-01-01")
    assert submittable(cast.head).contains(request)


@pytest.mark.parametrize(
    "earlier, verb",
    [
        ("author", "verify"),
        ("submitted_by", "verify"),
        ("author", "approve"),
        ("submitted_by", "approve"),
        ("verified_by", "approve"),
        ("author", "release"),
        ("submitted_by", "release"),
        ("verified_by", "release"),
        ("decided_by", "release"),
    ],
)
def test_nobody_acts_twice_on_one_request(cast, project, ceiling, earlier, verb):
    """The same person, given the later office as well, still may not."""
    before = {
        "verify": submitted_request,
        "approve": verified_request,
        "release": approved_request,
    }
    post = {"verify": "verifier", "approve": "camat", "release": "district_treasurer"}
    request = before[verb](project, ceiling)
    twice = getattr(request, earlier)
    Office.objects.create(
        user=twice,
        post=post[verb],
        district=cast.district,
        starts_on=dates.today(),
    )
    assert not getattr(
        FundingRequest.objects.with_verbs(twice).get(pk=request.pk), f"can_{verb}"
    )


def test_a_verifier_who_serves_in_that_village_may_not_verify(cast, project, ceiling):
    request = submitted_request(project, ceiling)
    Office.objects.create(
        user=cast.verifier,
        post="council",
        village=cast.besani,
        starts_on=dates.today(),
    )
    assert not FundingRequest.objects.verifiable_by(cast.verifier).contains(request)


def test_an_office_that_ended_while_the_page_was_open_is_not_enough(
    cast, project, ceiling
):
    request = submitted_request(project, ceiling)
    opened = FundingRequest.objects.with_verbs(cast.camat).get(pk=request.pk)
    assert opened.can_reject
    Office.objects.filter(user=cast.camat).update(ends_on="2026-01-01")
    with pytest.raises(PermissionDenied):
        actions.reject(
            by=cast.camat,
            request_id=request.pk,
            step=opened.step,
            reason="Tidak.",
            letter_number="900/1/2026",
        )
