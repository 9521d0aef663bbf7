import pytest

from leksono_portal.kit import form_keys


@pytest.fixture
def send(client):
    """`send(user, address, **fields)`: POST a form as its page would."""

    def post(user, address, **fields):
        client.force_login(user)
        return client.post(address, {form_keys.FIELD: form_keys.new_key(user)} | fields)

    return post
