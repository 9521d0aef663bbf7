"""The back office: the district admin keeps the bodies, all else is read-only."""

import pytest
from django.urls import reverse

from forum.models import Body
from forum.tests.make import finalised_meeting, make_body


@pytest.fixture
def body(cast):
    return make_body(cast.district, cast.besani, cast.timbang)


def test_the_district_admin_changes_the_rule_but_not_the_code(client, cast, body):
    client.force_login(cast.admin)
    address = reverse("admin:forum_body_change", args=[body.pk])
    assert cast.far.name not in client.get(address).content.decode()
    client.post(
        address,
        {
            "name": "BKAD baru",
            "code": "LAIN",
            "villages": [cast.besani.pk],
            "quorum_numerator": 1,
            "quorum_denominator": 2,
        },
    )
    body.refresh_from_db()
    assert (body.name, body.code, body.quorum_denominator) == (
        "BKAD baru",
        "MAD-LKS",
        2,
    )


def test_an_admin_makes_bodies_of_their_own_district_only(client, cast):
    client.force_login(cast.admin)
    fields = {
        "name": "Forum air",
        "code": "FA",
        "villages": [cast.besani.pk],
        "quorum_numerator": 2,
        "quorum_denominator": 3,
    }
    address = reverse("admin:forum_body_add")
    client.post(address, fields | {"district": cast.elsewhere.pk})
    assert not Body.objects.exists()
    client.post(address, fields | {"district": cast.district.pk})
    assert Body.objects.get().district == cast.district


def test_other_staff_and_other_districts_change_no_body(client, cast, body):
    address = reverse("admin:forum_body_change", args=[body.pk])
    for who in (cast.camat, cast.sekcam, cast.far_camat):
        client.force_login(who)
        assert client.post(address, {"name": "x"}).status_code == 403


@pytest.mark.parametrize("model", ["meeting", "decision", "officialrecord"])
def test_what_was_decided_is_only_read_there(client, cast, body, model):
    meeting = finalised_meeting(body, cast.operator)
    rows = {
        "meeting": meeting,
        "decision": meeting.decisions.get(),
        "officialrecord": meeting.record,
    }
    client.force_login(cast.admin)
    change = reverse(f"admin:forum_{model}_change", args=[rows[model].pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"title": "x"}).status_code == 403
    assert client.get(reverse(f"admin:forum_{model}_add")).status_code == 403
    delete = reverse(f"admin:forum_{model}_delete", args=[rows[model].pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
