from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import FROM_OUR_PAGE
from leksono_portal.kit import dates
from projects.portfolio import actions
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_project,
    make_report,
    make_request,
    make_work_item,
    running_project,
    submitted_request,
)

MOST_QUERIES = 12


def read(client, project, query=""):
    return client.get(f"{project.get_absolute_url()}{query}")


def test_a_project_tells_what_for_and_whose_it_is(client, cast):
    project = make_project(
        partner_villages=[cast.timbang, cast.leksono],
        beneficiary_families=412,
        beneficiary_people=1650,
    )
    page = read(client, project).content.decode()
    for words in (
        project.title,
        project.purpose,
        project.place,
        "Desa Besani",
        "Timbang",
        "412 keluarga, 1.650 jiwa",
        "Disepakati",
        "Belum ada laporan kemajuan",
        "Rencana pekerjaan belum ditulis",
        "Belum ditautkan ke keputusan rapat",
    ):
        assert words in page, words


def test_physical_and_plan_stand_side_by_side_and_the_gap_in_points(client, cast):
    project = running_project(costs=[80, 20])
    today = dates.today()
    make_report(project, 10, 0, reported_on=today - timedelta(days=5))
    make_report(project, 20, 5, spent=40)

    response = read(client, project)
    rows = [
        (round(r.physical), round(r.planned), r.gap)
        for r in response.context["reports"]
    ]
    assert rows == [(17, 52, "−35"), (8, 29, "−21")]
    page = response.content.decode()
    assert "Tertinggal 35% dari rencana" in page
    assert "Rp40 dari rencana biaya Rp100" in page


def test_the_curve_begins_at_nothing_and_has_one_point_a_day(client, cast):
    project = running_project(costs=[100])
    make_report(project, 10)
    make_report(project, 30)
    context = read(client, project).context
    begin = dates.today() - timedelta(days=11)
    assert context["plan"][0] == (begin, 0)
    assert context["real"] == [(begin, 0), (dates.today(), 30)]


def test_work_items_show_weight_window_and_last_percent(client, cast):
    project = running_project(costs=[75, 25])
    make_report(project, 40, 0)
    first = read(client, project).context["items"][0]
    assert (first.weight, first.last_percent) == (75, 40)


def test_a_plan_that_has_ended_stays_at_its_whole(client, cast):
    project = make_project()
    make_work_item(
        project,
        starts_on=dates.today() - timedelta(days=90),
        ends_on=dates.today() - timedelta(days=30),
    )
    actions.start(project, by=cast.operator)
    page = read(client, project).content.decode()
    assert "rencana 100%" in page
    assert "Tertinggal 100%" in page


def test_steps_leave_out_what_was_skipped_and_name_the_end(client, cast):
    def labels(project):
        steps = read(client, project).context["steps"]
        return [(str(step["label"]), step["state"]) for step in steps]

    project = running_project()
    assert labels(project) == [
        ("Disepakati", "done"),
        ("Berjalan", "now"),
        ("Selesai", "later"),
    ]
    actions.cancel(project, by=cast.head, reason="Longsor")
    assert labels(project) == [
        ("Disepakati", "done"),
        ("Berjalan", "done"),
        ("Dibatalkan", "now"),
    ]


def test_the_journey_is_newest_first_and_tells_the_reason(client, cast):
    project = running_project()
    make_report(project, 10, 10, reported_on=dates.today() - timedelta(days=3))
    actions.cancel(project, by=cast.head, reason="Tanah longsor.")
    told = [entry["title"] for entry in read(client, project).context["journey"]]
    assert [str(title) for title in told] == [
        "Proyek dibatalkan",
        "Pekerjaan dimulai",
        "Proyek disepakati",
        "Laporan kemajuan: fisik 10%",
    ]
    assert "Tanah longsor." in read(client, project).content.decode()


def test_money_stands_by_source_with_what_was_asked_and_granted(client, cast):
    project = running_project(costs=[50_000_000])
    make_report(project, 50, spent=20_000_000)
    of_district = make_allotment(cast.district)
    of_village = make_allotment(cast.district, village=cast.besani, ceiling=9_000_000)
    approved_request(project, of_district, asked=(30_000_000, 1_000_000))
    approved_request(project, of_village, asked=(9_000_000,))

    response = read(client, project)
    sources = [
        (row["name"], row["asked"], row["approved"])
        for row in response.context["sources"]
    ]
    assert sources == [
        ("Bantuan Keuangan Kabupaten Besani", 9_000_000, 9_000_000),
        ("Bantuan Keuangan Kabupaten", 31_000_000, 31_000_000),
    ]
    page = response.content.decode()
    for words in ("Rp40.000.000", "Rp20.000.000 dari Rp40.000.000", "Sudah cair Rp0"):
        assert words in page
    assert "Rp20.000.000 lebih banyak daripada uang yang sudah cair" in page


def test_a_draft_is_shown_to_the_village_that_writes_it_and_to_no_other(client, cast):
    project = make_project()
    allotment = make_allotment(cast.district)
    draft = make_request(project, allotment)
    sent = submitted_request(project, allotment)

    def shown():
        page = read(client, project).content.decode()
        return [request.get_absolute_url() in page for request in (draft, sent)]

    assert shown() == [False, True]
    client.force_login(cast.camat)
    assert shown() == [False, True]
    client.force_login(cast.operator)
    assert shown() == [True, True]


def test_the_journey_tells_the_public_moves_of_a_request(client, cast):
    project = make_project()
    approved_request(project, make_allotment(cast.district), asked=(30_000_000,))
    titles = [str(entry["title"]) for entry in read(client, project).context["journey"]]
    number = project.requests.get().number
    assert titles == [
        "Dana disetujui, siap dimulai",
        f"Permohonan {number} disetujui Rp30.000.000",
        f"Permohonan {number} diajukan",
        "Proyek disepakati",
    ]


def test_a_cancelled_project_says_why_at_the_top(client, cast):
    project = make_project()
    actions.cancel(project, by=cast.head, reason="Lahan masih bersengketa.")
    page = read(client, project).content.decode()
    assert page.index("Dibatalkan: Lahan masih bersengketa.") < page.index("Papan")


def test_a_long_journey_is_cut_and_can_be_read_whole(client, cast):
    project = running_project(costs=[10])
    for percent in range(15):
        make_report(project, percent, text="Kata " * 60)
    short = read(client, project)
    assert len(short.context["journey"]) == len(short.context["reports"]) == 12
    assert 'href="?semua#perjalanan"' in short.content.decode()
    whole = read(client, project, "?semua")
    assert len(whole.context["journey"]) == 17
    assert "Lihat seluruh" not in whole.content.decode()


def test_what_people_typed_is_never_markup(client, cast):
    project = make_project(title="<script>alert(1)</script>", purpose="<b>x</b>")
    page = read(client, project).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_a_project_of_the_kelurahan_says_it_cannot_ask_for_money(client, cast):
    project = make_project(lead_village=cast.leksono)
    client.force_login(cast.lurah)
    page = read(client, project).content.decode()
    assert "tidak dapat meminta dana" in page
    assert "/minta-dana/" not in page


def test_a_stranger_gets_no_cookie_no_token_and_a_304(client, cast):
    project = running_project()
    make_report(project, 10, 10)
    first = read(client, project)
    assert not first.cookies
    assert "csrf" not in first.content.decode()
    again = client.get(
        project.get_absolute_url(), headers={"if-none-match": first["ETag"]}
    )
    assert again.status_code == 304


def test_no_project_is_a_404(client, db):
    assert client.get("/proyek/1/").status_code == 404
    assert client.get(f"/proyek/{10**30}/").status_code == 404


def test_queries_do_not_grow_with_what_a_project_has(client, cast):
    allotment = make_allotment(cast.district)

    def fill(pieces, moves, partners):
        project = running_project(costs=[10] * pieces, partner_villages=partners)
        for _ in range(moves):
            make_report(project, *[10] * pieces)
            approved_request(project, allotment, asked=(1_000,))
        return project

    def count(project, user):
        client.force_login(user) if user else client.logout()
        read(client, project)
        with CaptureQueriesContext(connection) as queries:
            assert read(client, project).status_code == 200
        return len(queries)

    readers = (None, cast.operator)
    small = fill(1, 1, [cast.timbang])
    large = fill(30, 30, [cast.timbang, cast.leksono, cast.far])
    with_one = [count(small, user) for user in readers]
    assert [count(large, user) for user in readers] == with_one
    assert max(with_one) <= MOST_QUERIES


def test_a_full_page_stays_small(client, cast):
    project = running_project(costs=[10] * 15, partner_villages=[cast.timbang])
    for percent in range(20):
        make_report(project, *[percent] * 15, text="Kata " * 700)
    page = client.get(project.get_absolute_url(), headers=FROM_OUR_PAGE)
    assert len(page.content) < 60_000
