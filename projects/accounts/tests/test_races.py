"""Two at once, with real threads on PostgreSQL."""

import os
from functools import partial

import pytest

from leksono_portal.kit import dates
from projects.accounts import actions
from projects.accounts.models import Release, Settlement
from projects.accounts.tests.test_actions import spend_all
from projects.accounts.tests.test_walk import check_the_books
from projects.funding import actions as funding
from projects.sources import actions as sources
from projects.sources.models import Allotment
from projects.tests.make import (
    accepted_account,
    approved_request,
    asked_amounts,
    last_account,
    make_allotment,
    make_cancellation,
    make_change,
    make_photo,
    make_project,
    make_receipt,
    release,
    released_request,
    sent_account,
    verified_request,
)
from projects.tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("ROUNDS", 1))
AT_ONCE = 40 if ROUNDS > 1 else 16


@pytest.fixture
def request_(cast):
    ceiling = make_allotment(cast.district, ceiling=100_000_000)
    tranches = [20_000_000, 10_000_000]
    return released_request(make_project(), ceiling, tranches=tranches)


def test_a_first_tranche_is_paid_once(cast):
    request = approved_request(make_project(), make_allotment(cast.district))
    ends = together(
        *(partial(release, request, reference=f"TRF-{n}") for n in range(6))
    )
    assert ends == {"done": 1, "Stale": 5}
    assert Release.objects.count() == 1


def test_a_later_tranche_is_paid_once(cast, request_):
    accepted_account(last_account(request_))
    request_.refresh_from_db()
    ends = together(
        *(partial(release, request_, reference=f"TRF-2-{n}") for n in range(6))
    )
    assert ends == {"done": 1, "Stale": 5}
    request_.refresh_from_db()
    assert request_.released == 30_000_000


def test_one_transfer_number_does_not_pay_two_requests_at_once(cast):
    ceiling = make_allotment(cast.district)
    requests = [approved_request(make_project(), ceiling) for _ in range(4)]
    ends = together(*(partial(release, r, reference="TRF-1") for r in requests))
    assert ends == {"done": 1, "ValidationError": 3}


def test_receipts_written_at_once_never_exceed_the_money(cast, request_):
    account = last_account(request_)
    add = partial(make_receipt, account, amount=6_000_000)
    ends = together(*(partial(add, number=str(number)) for number in range(6)))
    assert ends == {"done": 3, "ValidationError": 3}
    account.refresh_from_db()
    assert account.spent == 18_000_000


def test_a_receipt_is_in_an_account_before_it_is_sent_or_not_at_all(cast, request_):
    account = last_account(request_)
    make_receipt(account)
    send = partial(
        actions.send,
        by=cast.head,
        account_id=account.pk,
        step=account.step,
        story="Batu dibeli.",
    )
    ends = together(send, partial(make_receipt, account, number="2"))
    account.refresh_from_db()
    assert account.status == "sent"
    assert account.spent == 1_000_000 * account.receipts.count()
    assert ends["done"] == account.receipts.count()


def test_an_account_is_accepted_or_returned_once(cast, request_):
    account = sent_account(last_account(request_))
    seen = {"by": cast.verifier, "account_id": account.pk, "step": account.step}
    ends = together(
        *(partial(actions.accept, **seen) for _ in range(3)),
        *(partial(actions.send_back, reason="Kurang.", **seen) for _ in range(3)),
    )
    assert ends == {"done": 1, "Stale": 5}
    request_.refresh_from_db()
    account.refresh_from_db()
    accepted = account.status == "accepted"
    assert request_.accounted == (account.spent if accepted else 0)


def test_a_request_is_closed_once_and_its_rest_given_back_once(cast, request_):
    account = last_account(request_)
    accepted_account(account, amount=19_000_000)
    request_.refresh_from_db()
    request = spend_all(release(request_))
    make_photo(request.project, moment="100")
    ends = together(
        *(
            partial(
                actions.complete,
                by=cast.verifier,
                request_id=request.pk,
                step=request.step,
                reference=f"STS-{number}",
                paid_on=dates.today(),
            )
            for number in range(5)
        )
    )
    assert ends == {"done": 1, "Stale": 4}
    assert Settlement.objects.get().paid_back == 1_000_000
    assert Allotment.objects.get().reserved == 29_000_000


def test_money_is_paid_or_held_not_both(cast, request_):
    accepted_account(last_account(request_))
    request_.refresh_from_db()
    hold = partial(
        actions.hold,
        by=cast.camat,
        request_id=request_.pk,
        step=request_.step,
        reason="Ada aduan.",
    )
    assert together(hold, partial(release, request_)) == {"done": 1, "Stale": 1}


def test_a_grant_is_taken_back_or_paid_not_both(cast):
    ceiling = make_allotment(cast.district, ceiling=100_000_000)
    request = approved_request(make_project(), ceiling)
    asked = make_cancellation(request)
    sign = partial(
        actions.decide_cancellation,
        by=cast.sekcam,
        cancellation_id=asked.pk,
        is_signed=True,
    )
    ends = together(sign, sign, partial(release, request))
    request.refresh_from_db()
    ceiling.refresh_from_db()
    assert ends["done"] == 1
    assert (request.status, ceiling.reserved) in (
        ("cancelled", 0),
        ("running", 30_000_000),
    )


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_books_are_right_when_all_offices_work_at_once(cast, turn):
    """`make soak`: 40 threads, 50 rounds."""
    ceiling = make_allotment(cast.district, ceiling=200_000_000)
    project = make_project()
    fewer = make_change(ceiling, 160_000_000)
    waiting = [verified_request(project, ceiling) for _ in range(4)]
    granted = [approved_request(project, ceiling) for _ in range(4)]
    asked = [make_cancellation(request) for request in granted[:2]]
    jobs = [
        partial(
            sources.decide_change,
            by=cast.camat,
            change_id=fewer.pk,
            accept=True,
            note="",
        )
    ]
    for request in waiting:
        jobs.append(
            partial(
                funding.approve,
                by=cast.camat,
                request_id=request.pk,
                step=request.step,
                amounts=asked_amounts(request),
                reasons={},
                letter_number=f"900/{request.pk}",
            )
        )
    jobs += [partial(release, request) for request in granted]
    for one in asked:
        jobs.append(
            partial(
                actions.decide_cancellation,
                by=cast.sekcam,
                cancellation_id=one.pk,
                is_signed=True,
            )
        )
    ends = together(*(jobs[number % len(jobs)] for number in range(AT_ONCE)))
    assert set(ends) <= {"done", "Stale", "ValidationError", "PermissionDenied"}, ends
    assert ends["done"] <= len(jobs)
    check_the_books()
