"""Every verb, in every state, by everybody, through the pages: the row moves or not.

`make test` tries what somebody may do in that state; `make soak` every cell.
"""

import os

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from leksono_portal.kit import dates, form_keys
from projects.funding.models import FundingRequest
from projects.funding.tests.test_rules import (
    MATRIX,
    WHO,
    WRITERS,
    person,
    put_in,
    rights,
)
from projects.tests.make import POINTS, asked_amounts

pytestmark = pytest.mark.django_db
EVERY_CELL = bool(os.environ.get("WALK"))
ADDRESSES = {
    "edit": "request-edit",
    "submit": "request-submit",
    "withdraw": "request-withdraw",
    "verify": "request-verify",
    "return": "request-return",
    "approve": "request-approve",
    "reject": "request-reject",
    "release": "request-release",
    "hold": "request-hold",
    "resume": "request-resume",
    "complete": "request-complete",
    "cancel": "request-cancel",
}


def body(verb, request):
    """What the page of `verb` sends."""
    fields = {"step": request.step, "version": request.version}
    told = {
        "reason": "Peta kurang.",
        "letter_number": "900/1/2026",
        "message": "Sudah.",
    }
    if verb == "edit":
        told |= {"title": "Lain", "year": request.year, "background": "Lain."}
    if verb == "verify":
        told |= {f"ok_{number}": "ya" for number, _point in enumerate(POINTS, 1)}
    if verb == "approve":
        amounts = asked_amounts(request)
        told |= {f"line_{pk}": amount for pk, amount in amounts.items()}
        told["total"] = sum(amounts.values())
    if verb in ("release", "cancel"):
        told |= {"reference": "TRF-9", "paid_on": dates.today()}
    return fields | told


def stored(request):
    """All that a verb could have changed of it."""
    row = FundingRequest.objects.filter(pk=request.pk).values().get()
    return row, request.cancellations.count()


@pytest.mark.parametrize("status", MATRIX)
def test_every_cell_through_the_pages(cast, project, ceiling, status):
    request = put_in(status, cast, project, ceiling)
    before = stored(request)
    possible = " ".join(MATRIX[status].values()).split()
    verbs = [verb for verb in ADDRESSES if EVERY_CELL or verb in possible]
    for who in WHO if verbs else ():
        user, client = person(cast, who), Client()
        if who != "stranger":
            client.force_login(user)
        for verb in verbs:
            cell = f"{who}, {verb}"
            url = reverse(f"projects:{ADDRESSES[verb]}", args=[request.pk])
            is_allowed = verb in rights(status, who).split()
            with transaction.atomic():
                if is_allowed:
                    assert client.get(url).status_code == 200, cell
                fields = body(verb, request)
                if who != "stranger":
                    fields[form_keys.FIELD] = form_keys.new_key(user)
                sent = client.post(url, fields)
                has_changed = stored(request) != before
                transaction.set_rollback(True)
            assert has_changed == is_allowed, cell
            if is_allowed:
                assert sent.status_code == 302, cell
            elif who == "stranger":
                assert sent.status_code in (302, 403), cell  # to sign in first
            elif status == "draft" and who not in WRITERS:
                assert sent.status_code == 404, cell
            else:
                assert sent.status_code == 403, cell
                assert "oleh" in sent.content.decode(), cell  # it says by whom
