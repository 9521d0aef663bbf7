"""Who stands in for the camat: named as such on what they decide, until the last day."""

from datetime import timedelta

import pytest
from django.urls import reverse

from leksono_portal.kit import dates, form_keys
from projects.funding.models import Transition
from projects.tests import make as projects
from villages.models import Office
from villages.people.models import Post
from villages.tests.make import make_officer

pytestmark = pytest.mark.django_db


def decide(client, user, request):
    line = request.lines.get()
    form = {
        "step": request.step,
        "letter_number": "900/1/2026",
        f"line_{line.pk}": line.amount,
        "total": line.amount,
        form_keys.FIELD: form_keys.new_key(user),
    }
    client.force_login(user)
    return client.post(reverse("projects:request-approve", args=[request.pk]), form)


@pytest.fixture
def request_verified(cast):
    ceiling = projects.make_allotment(cast.district)
    return projects.verified_request(projects.make_project(), ceiling)


def test_a_stand_in_decides_and_is_named_as_one(cast, client, request_verified):
    user = make_officer("plt.camat", Post.CAMAT, cast.district, standing="plt")
    assert decide(client, user, request_verified).status_code == 302
    assert Transition.objects.last().office == "Plt. Camat Leksono"
    page = client.get(reverse("projects:request", args=[request_verified.pk]))
    assert "Plt. Camat Leksono" in page.content.decode()


def test_who_became_camat_while_standing_in_signs_as_camat(
    cast, client, request_verified
):
    user = make_officer("plt.camat", Post.CAMAT, cast.district, standing="plt")
    Office.objects.create(
        user=user, post=Post.CAMAT, district=cast.district, starts_on=dates.today()
    )
    decide(client, user, request_verified)
    assert Transition.objects.last().office == "Camat Leksono"


@pytest.mark.parametrize(("ended", "answer"), [(0, 302), (1, 403)])
def test_the_power_ends_after_the_last_day(
    cast, client, request_verified, ended, answer
):
    user = make_officer("plt.camat", Post.CAMAT, cast.district, standing="plt")
    last = dates.today() - timedelta(days=ended)
    Office.objects.filter(user=user).update(ends_on=last)
    address = reverse("projects:request-approve", args=[request_verified.pk])
    client.force_login(user)
    assert client.get(address).status_code == (200 if answer == 302 else 403)
    assert decide(client, user, request_verified).status_code == answer
    request_verified.refresh_from_db()
    assert request_verified.status == ("approved" if answer == 302 else "verified")
