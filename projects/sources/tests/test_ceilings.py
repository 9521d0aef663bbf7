"""Ceilings: who proposes, who confirms."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from projects.sources import actions as sources
from projects.sources.models import Allotment
from projects.tests.make import make_allotment, make_project, make_source
from villages.models import Office


def test_a_proposal_is_corrected_by_its_writer_until_confirmed(cast):
    fields = {"source": make_source(), "year": 2026, "district": cast.district}
    sources.propose_allotment(by=cast.treasurer, ceiling=90, **fields)
    again = sources.propose_allotment(by=cast.treasurer, ceiling=900, **fields)
    with pytest.raises(Stale):
        sources.confirm_allotment(by=cast.camat, allotment_id=again.pk, ceiling=90)
    sources.confirm_allotment(by=cast.camat, allotment_id=again.pk, ceiling=900)
    with pytest.raises(ValidationError, match="sudah ada"):
        sources.propose_allotment(by=cast.treasurer, ceiling=9000, **fields)


@pytest.mark.parametrize("name", ["camat", "admin", "operator", "head", "verifier"])
def test_only_the_district_treasurer_proposes_a_ceiling(cast, name):
    with pytest.raises(PermissionDenied):
        sources.propose_allotment(
            by=getattr(cast, name),
            source=make_source(),
            year=2026,
            district=cast.district,
            ceiling=5,
        )


def test_nobody_confirms_what_they_proposed(cast):
    Office.objects.create(
        user=cast.treasurer,
        post="camat",
        district=cast.district,
        starts_on=dates.today(),
    )
    proposed = make_allotment(cast.district, is_confirmed=False)
    with pytest.raises(PermissionDenied):
        sources.confirm_allotment(
            by=cast.treasurer, allotment_id=proposed.pk, ceiling=proposed.ceiling
        )


def test_a_project_draws_on_its_villages_and_its_district_only(cast):
    dana_desa = make_source("dd", "Dana Desa")
    own = make_allotment(cast.district, village=cast.besani, source=dana_desa)
    joined = make_allotment(cast.district, village=cast.timbang, source=dana_desa)
    common = make_allotment(cast.district)
    make_allotment(cast.district, year=dates.today().year + 1)
    make_allotment(cast.district, source=make_source("csr", "CSR"), is_confirmed=False)
    this_year = dates.today().year
    together = make_project(partner_villages=[cast.timbang])
    drawable = Allotment.objects.drawable_for
    assert set(drawable(together, this_year)) == {own, joined, common}
    assert set(drawable(make_project(), this_year)) == {own, common}
    assert drawable(together, this_year).select_for_update().count() == 3


def test_a_ceiling_leaves_a_trail(cast):
    make_allotment(cast.district)
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["usul pagu", "tetapkan pagu"]
