"""Partners: who keeps the list, what everyone reads, what the database refuses."""

from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from villages.partners import actions
from villages.partners.forms import PartnerForm
from villages.partners.models import Partner
from villages.tests.make import make_partner

pytestmark = pytest.mark.django_db
LIST = "/mitra/"


@pytest.fixture
def partner(cast):
    return make_partner(cast.district, cast.sekcam)


def text_of(address):
    return unescape(Client().get(address).content.decode())


@pytest.mark.parametrize("who", ["camat", "sekcam", "admin"])
def test_the_district_keeps_the_list(cast, who):
    by = getattr(cast, who)
    partner = make_partner(cast.district, by)
    actions.edit(partner, by=by, version=1, name="Nama baru")
    partner.refresh_from_db()
    actions.close(partner, by=by, version=2, reason="Programnya berakhir.")
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["partner.add", "partner.edit", "partner.close"]


@pytest.mark.parametrize(
    "who", ["resident", "operator", "head", "verifier", "treasurer", "far_camat"]
)
def test_nobody_else_does(cast, partner, who):
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        make_partner(cast.district, by, name="Lain")
    with pytest.raises(PermissionDenied):
        actions.edit(partner, by=by, version=1, name="Lain")
    with pytest.raises(PermissionDenied):
        actions.close(partner, by=by, version=1, reason="Tidak suka.")


def test_a_name_stands_once_in_a_district_however_it_is_written(cast, partner):
    with pytest.raises(ValidationError, match="sudah ada"):
        make_partner(cast.district, cast.camat, name="LEMBAGA air lestari")
    assert make_partner(cast.elsewhere, cast.far_camat).name == partner.name


def test_a_closed_partner_stays_with_its_reason(cast, partner):
    actions.close(partner, by=cast.camat, version=1, reason="Programnya berakhir.")
    assert partner.name not in text_of(LIST)
    assert partner.name in text_of(f"{LIST}?keadaan=ditutup")
    assert "Programnya berakhir." in text_of(partner.get_absolute_url())
    partner.refresh_from_db()
    with pytest.raises(Stale, match="sudah menutupnya"):
        actions.edit(partner, by=cast.sekcam, version=2, name="Lagi")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?jenis=lsm", ["Air"]),
        ("?jenis=dinas", ["Dinas"]),
        ("?bantuan=pendampingan", ["Dinas"]),
        ("?bantuan=dana", ["Air", "Dinas"]),
        ("?bantuan=barang", []),
        ("?q=air+lestari", ["Air"]),
    ],
)
def test_the_list_is_filtered_by_kind_and_by_what_is_offered(cast, query, names):
    make_partner(cast.district, cast.camat, name="Air Lestari")
    make_partner(
        cast.district,
        cast.camat,
        name="Dinas Pertanian",
        kind="government",
        offers=["funds", "advice"],
    )
    page = text_of(LIST + query)
    shown = [name for name in ("Air", "Dinas") if f'/">{name}' in page]
    assert shown == names
    data = Client().get(reverse("villages:partners-csv") + query).getvalue().decode()
    assert data.count("\r\n") == 1 + len(names)


TOLD = {
    "kind": "ngo",
    "name": "Lembaga Air",
    "offers": ["funds"],
    "contact": "kantor@lembaga.example.id",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", "Hubungi 0812-3456-7890"),
        ("contact", ""),
        ("website", "http://lembaga.example.id"),
        ("website", "javascript:alert(1)"),
        ("website", "https://"),
        ("offers", []),
        ("offers", ["gold"]),
        ("kind", "friend"),
    ],
)
def test_what_a_person_would_regret_is_refused(field, value):
    form = PartnerForm(TOLD | {field: value})
    assert not form.is_valid()
    assert field in form.errors


def test_a_website_is_not_vouched_for(cast):
    partner = make_partner(
        cast.district, cast.camat, website="https://lembaga.example.id/"
    )
    link = 'href="https://lembaga.example.id/" rel="nofollow noopener"'
    assert link in text_of(partner.get_absolute_url())


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("DELETE FROM villages_partner", "tidak boleh dihapus"),
        ("TRUNCATE villages_partner CASCADE", "permission denied"),
        ("UPDATE villages_partner SET district_id = district_id + 1", "tetap"),
        ("UPDATE villages_partner SET created_by_id = created_by_id + 1", "tetap"),
        ("UPDATE villages_partner SET offers = '{}'", "offers_something_known"),
        ("UPDATE villages_partner SET offers = '{gold}'", "offers_something_known"),
        ("UPDATE villages_partner SET kind = 'friend'", "kind_known"),
        ("UPDATE villages_partner SET name = ''", "says_who"),
        ("UPDATE villages_partner SET website = 'http://x.id'", "website_is_https"),
        ("UPDATE villages_partner SET closed_at = now()", "closed_is_explained"),
    ],
)
def test_the_database_refuses(partner, refused, sql, match):
    refused(sql, match=match)


def test_what_is_closed_stays_as_it_was_told(cast, partner, refused):
    actions.close(partner, by=cast.camat, version=1, reason="Programnya berakhir.")
    refused("UPDATE villages_partner SET name = 'Lain'", match="tetap")
    refused(
        "UPDATE villages_partner SET closed_at = NULL, closed_by_id = NULL,"
        " closed_because = ''",
        match="tetap",
    )


def test_the_list_goes_over_pages(cast):
    for number in range(21):
        make_partner(cast.district, cast.camat, name=f"Mitra {number:02}")
    assert Partner.objects.count() == 21
    assert "Mitra 20" not in text_of(LIST)
    assert "Mitra 20" in text_of(f"{LIST}?page=2")
