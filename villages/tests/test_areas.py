"""The villages: their table, their pages, and who may correct them."""

from django.urls import reverse

from villages.areas import reference
from villages.models import District, Village


def page_of(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


# The table -----------------------------------------------------------------------


def test_the_table_holds_the_thirteen_desa_and_the_kelurahan(db):
    reference.load()
    assert District.objects.get().name == "Leksono"
    assert Village.objects.filter(kind="desa").count() == 13
    kelurahan = Village.objects.get(kind="kelurahan")
    assert (kelurahan.name, kelurahan.code) == ("Leksono", "33.07.05.1006")
    assert (kelurahan.population, kelurahan.population_year) == (4939, 2020)
    numbers = sorted(int(v.code[-4:]) % 1000 for v in Village.objects.all())
    assert numbers == list(range(1, 15))


def test_a_figure_stands_only_where_a_source_was_found(db):
    reference.load()
    for village in Village.objects.all():
        assert (village.population is None) == (village.population_source == "")
    unknown = Village.objects.filter(population=None).count()
    assert unknown == 11


def test_every_point_lies_in_the_district(db):
    reference.load()
    for village in Village.objects.all():
        assert -7.45 < village.latitude < -7.35
        assert 109.81 < village.longitude < 109.90


def test_loading_twice_changes_nothing(db):
    reference.load()
    before = list(Village.objects.values())
    reference.load()
    assert list(Village.objects.values()) == before


def test_loading_keeps_what_the_admin_wrote_and_fills_what_is_missing(db):
    reference.load()
    Village.objects.filter(slug="durensawit").update(
        name="Duren Sawit",
        population=2001,
        population_year=None,
        population_source="Data desa",
        area_km2=None,
    )
    District.objects.update(regency="Kab. Wonosobo")
    reference.load()
    village = Village.objects.get(slug="durensawit")
    assert (village.name, village.population) == ("Duren Sawit", 2001)
    assert (village.population_year, village.population_source) == (None, "Data desa")
    assert float(village.area_km2) == 2.35
    assert District.objects.get().regency == "Kab. Wonosobo"


# The pages -----------------------------------------------------------------------


def test_the_list_names_every_village_in_order_and_links_to_it(db, client):
    reference.load()
    page = page_of(client, "villages:villages")
    places = [page.index(f'href="/desa/{v.slug}/"') for v in Village.objects.all()]
    assert places == sorted(places) and len(places) == 14
    assert "1.975 jiwa (2020)" in page and "2.329 jiwa<" in page
    assert page.count("belum ada angka") == 11


def test_a_village_page_names_officials_by_post_and_no_contact(cast, client):
    cast.head.phone, cast.head.email = "081200000001", "kades@contoh.id"
    cast.head.save()
    page = page_of(client, "villages:village", "besani")
    assert "Desa Besani" in page and "Kepala Desa" in page and "Kades Besani" in page
    assert "081200000001" not in page and "kades@contoh.id" not in page
    assert "kades.besani" not in page and "Operator Timbang" not in page


def test_a_kelurahan_has_a_lurah_and_is_named_as_one(cast, client):
    page = page_of(client, "villages:village", "leksono")
    assert "Kelurahan Leksono" in page and "Lurah" in page


def test_an_official_whose_office_ended_is_not_shown(cast, client):
    office = cast.head.offices.get()
    office.ends_on = office.starts_on
    office.save()
    assert "Kades Besani" not in page_of(client, "villages:village", "besani")


def test_a_village_that_is_none_is_not_found(cast, client):
    assert client.get("/desa/tidak-ada/").status_code == 404
    assert client.post("/desa/").status_code == 405


def test_an_empty_portal_says_what_to_do(db, client):
    assert "load_reference" in page_of(client, "villages:villages")


def test_a_strangers_page_sets_no_cookie_and_can_be_kept(cast, client):
    for address in ("/desa/", "/desa/besani/"):
        page = client.get(address)
        assert not page.cookies and "csrfmiddlewaretoken" not in page.content.decode()
        again = client.get(address, headers={"if-none-match": page["ETag"]})
        assert again.status_code == 304


# The back office -----------------------------------------------------------------


def test_only_the_admin_of_its_district_corrects_a_village(cast, client):
    address = reverse("admin:villages_village_change", args=[cast.besani.pk])
    form = {"name": "Besani", "postal_code": "56362", "population": 2500}
    form |= {"population_year": 2026, "population_source": "Data desa"}
    form |= {"area_km2": "", "latitude": "", "longitude": "", "code": "33.07.05.2099"}
    for user, status in ((cast.camat, 403), (cast.far_camat, 403), (cast.admin, 302)):
        client.force_login(user)
        assert client.post(address, form).status_code == status
    cast.besani.refresh_from_db()
    assert (cast.besani.population, cast.besani.code) == (2500, "33.07.05.2005")
    far = reverse("admin:villages_village_change", args=[cast.far.pk])
    assert client.post(far, form).status_code == 403
    gone = reverse("admin:villages_village_delete", args=[cast.besani.pk])
    assert client.post(gone, {"post": "yes"}).status_code == 403
