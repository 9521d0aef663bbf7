import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import FROM_OUR_PAGE
from projects.portfolio import actions
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_project,
    make_report,
    running_project,
)

MOST_QUERIES = 8


@pytest.fixture
def shelf(cast):
    """Four projects, one a sector, of different villages, years and stages."""
    road = make_project(title="Jalan tembus", year=2025)
    school = make_project(
        title="Guru keliling",
        sector="education",
        lead_village=cast.timbang,
        partner_villages=[cast.besani],
    )
    market = running_project(
        title="Pasar sayur", sector="economy", lead_village=cast.leksono
    )
    make_report(market, 50, 50, spent=18_750_000)
    forest = make_project(title="Penghijauan", sector="environment", place="Lereng 9")
    actions.cancel(forest, by=cast.head, reason="Lahan bersengketa")
    return road, school, market, forest


def titles(response):
    return [project.title for project in response.context["page_obj"]]


def test_the_newest_stands_on_top(client, shelf):
    assert titles(client.get("/proyek/")) == [
        "Penghijauan",
        "Pasar sayur",
        "Guru keliling",
        "Jalan tembus",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sektor=education", ["Guru keliling"]),
        ("desa=besani", ["Penghijauan", "Guru keliling", "Jalan tembus"]),
        ("desa=timbang", ["Guru keliling"]),
        ("tahap=running", ["Pasar sayur"]),
        ("tahun=2025", ["Jalan tembus"]),
        ("q=lereng", ["Penghijauan"]),
        ("q=TIMBANG+guru", ["Guru keliling"]),
        ("q=guru+lereng", []),
        ("q=%25", []),
        ("desa=besani&tahap=agreed&tahun=2025", ["Jalan tembus"]),
    ],
)
def test_filters_stand_in_the_address(client, shelf, query, expected):
    response = client.get(f"/proyek/?{query}")
    assert titles(response) == expected
    assert response.context["page_obj"].paginator.count == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "sektor=lain",
        "desa=tidak-ada",
        "tahap=1",
        "tahun=abad",
        "q=" + "a" * 101,
        "q=%00",
    ],
)
def test_an_unknown_filter_is_left_out_in_words(client, shelf, query):
    response = client.get(f"/proyek/?{query}")
    assert len(titles(response)) == 4
    assert "tidak dikenal" in response.content.decode()


def test_a_page_that_does_not_exist_shows_the_nearest(client, shelf):
    for page in ("0", "99", "x"):
        assert len(titles(client.get(f"/proyek/?page={page}"))) == 4


def test_chips_count_their_sector_under_the_other_filters(client, shelf):
    chips = client.get("/proyek/?sektor=education&desa=besani").context["chips"]
    assert [(str(text), n, chosen) for _, text, n, _, chosen in chips] == [
        ("Semua", 3, False),
        ("Infrastruktur", 1, False),
        ("Pendidikan", 1, True),
        ("Ekonomi", 0, False),
        ("Lingkungan", 1, False),
    ]


def test_a_pill_takes_its_filter_away_and_keeps_the_others(client, shelf):
    response = client.get("/proyek/?sektor=education&desa=besani&tahun=2026&page=2")
    pills = [
        (str(label), str(value), address)
        for label, value, address in response.context["pills"]
    ]
    assert pills == [
        ("Desa", "Besani", "?sektor=education&tahun=2026"),
        ("Tahun", "2026", "?sektor=education&desa=besani"),
    ]


def test_late_and_waiting_are_said_in_words(client, cast, shelf):
    late = running_project(title="Talud")
    make_report(late, 5, 5)
    page = client.get("/proyek/").content.decode()
    for words in ("Tertinggal", "Sesuai rencana", "Menunggu dana", "Dibatalkan"):
        assert words in page
    assert "Rp18.750.000" in page


def test_an_empty_portal_says_where_projects_come_from(client, db):
    assert (
        "Proyek lahir dari keputusan rapat" in client.get("/proyek/").content.decode()
    )


def test_nothing_found_offers_the_whole_list(client, shelf):
    page = client.get("/proyek/?q=jembatan").content.decode()
    assert "Tidak ada proyek yang cocok" in page


def test_queries_do_not_grow_with_the_projects(client, cast):
    allotment = make_allotment(cast.district)

    def fill(number):
        project = running_project(
            title=f"Proyek {number}",
            partner_villages=[cast.timbang, cast.leksono],
            costs=[3, 2, 1],
        )
        make_report(project, 10, 20, 30)
        make_report(project, 20, 30, 40)
        approved_request(project, allotment, asked=(1_000,))

    def count(user):
        client.force_login(user) if user else client.logout()
        client.get("/proyek/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/proyek/?desa=besani").status_code == 200
        return len(queries)

    readers = (None, cast.operator)
    fill(0)
    with_one = [count(user) for user in readers]
    for number in range(1, 30):
        fill(number)
    assert [count(user) for user in readers] == with_one
    assert max(with_one) <= MOST_QUERIES


def test_the_list_is_read_by_a_stranger_without_cookie_and_kept(client, shelf):
    first = client.get("/proyek/")
    assert not first.cookies
    assert "csrf" not in first.content.decode()
    again = client.get("/proyek/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_the_longest_list_stays_small(client, cast):
    for number in range(25):
        make_project(
            title=f"{number} " + "Pembangunan " * 12,
            partner_villages=[cast.timbang, cast.leksono, cast.far],
        )
    response = client.get("/proyek/", headers=FROM_OUR_PAGE)
    assert len(titles(response)) == 20
    assert len(response.content) < 60_000
    assert "1–20 dari 25" in response.content.decode()


def test_only_reading_is_possible(client, db):
    assert client.post("/proyek/").status_code == 405


def test_money_is_summed_once_however_many_villages_and_requests(client, cast):
    allotment = make_allotment(cast.district)
    project = make_project(partner_villages=[cast.timbang, cast.leksono])
    for asked in (30_000_000, 5_000_000):
        approved_request(project, allotment, asked=(asked,))

    response = client.get("/proyek/?q=jalan")
    assert response.context["approved"] == 35_000_000
    assert response.context["page_obj"].paginator.count == 1
    (row,) = response.context["page_obj"]
    assert (row.approved, row.released) == (35_000_000, 0)
