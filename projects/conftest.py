import pytest

from leksono_portal.kit import form_keys
from projects.tests.make import make_allotment, make_project


@pytest.fixture
def send(client):
    """`send(user, address, **fields)`: POST a form as its page would."""

    def post(user, address, **fields):
        client.force_login(user)
        return client.post(address, {form_keys.FIELD: form_keys.new_key(user)} | fields)

    return post


@pytest.fixture
def ceiling(cast):
    """100 million rupiah of the district, this year."""
    return make_allotment(cast.district, ceiling=100_000_000)


@pytest.fixture
def project(cast):
    """Led by Besani, joined by Timbang."""
    return make_project(partner_villages=[cast.timbang])
