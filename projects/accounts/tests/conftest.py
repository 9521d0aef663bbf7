import pytest

from projects.tests.make import last_account, released_request


@pytest.fixture
def paid(project, ceiling):
    """Granted 30 million in tranches of 20 and 10; the first was paid out today."""
    return released_request(project, ceiling, tranches=[20_000_000, 10_000_000])


@pytest.fixture
def account(paid):
    return last_account(paid)
