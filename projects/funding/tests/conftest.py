import pytest

from projects.tests.make import make_allotment, make_project


@pytest.fixture
def ceiling(cast):
    """100 million rupiah of the district, this year."""
    return make_allotment(cast.district, ceiling=100_000_000)


@pytest.fixture
def project(cast):
    """Led by Besani, joined by Timbang."""
    return make_project(partner_villages=[cast.timbang])
