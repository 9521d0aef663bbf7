"""Open data: every table that /data/ lists, as people and programs fetch it."""

import csv
import io
import tracemalloc

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from conftest import FROM_OUR_PAGE
from forum.meetings import actions as forum
from forum.tests.make import (
    finalised_meeting,
    make_action_item,
    make_body,
    make_decision,
    make_meeting,
    make_participant,
    make_ready_meeting,
)
from leksono_portal.home.data import TABLES
from leksono_portal.kit import dates
from projects.funding import actions as funding
from projects.tests.make import (
    last_account,
    make_allotment,
    make_pledge,
    make_project,
    make_receipt,
    make_request,
    make_source,
    officer,
    released_request,
    sent_account,
    submitted_request,
)
from villages.areas.export import VILLAGES
from villages.exchange import actions as exchange
from villages.models import Village
from villages.tests.make import make_resource

ADDRESSES = [table.address for table in TABLES]
PHONE = "081234567890"
SECRET = "RAHASIA"


@pytest.fixture
def body(cast):
    villages = (cast.besani, cast.timbang, cast.leksono)
    return make_body(cast.district, *villages, code="MAD-LAIN")


def content(client, address, query=""):
    """The bytes of a file; `address` is a view's name."""
    response = client.get(reverse(address) + query)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows(client, address, query=""):
    """A file's rows as dictionaries, as Excel and Python read it."""
    text = content(client, address, query).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_may_be_kept_by_all_and_carries_no_cookie(client, cast, address):
    client.force_login(cast.camat)
    for visitor in (Client(), client):
        response = visitor.get(reverse(address))
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Cache-Control"] == "public, max-age=60"
        assert not response.cookies
        today = dates.today().isoformat()
        assert f'-{today}.csv"' in response["Content-Disposition"]
        assert b"".join(response.streaming_content).startswith("\ufeff".encode())


def test_a_file_says_what_its_columns_say(client, cast, body, grow):
    grow(2)
    final = make_ready_meeting(body, cast.sekcam)
    make_action_item(final)
    forum.finalise(final, by=cast.sekcam, version=final.version)
    for table in TABLES:
        found = rows(client, table.address)
        assert list(found[0]) == [column.heading for column in table.columns]
        assert len(found) == table.rows().count()


def test_a_project_is_told_whole(client, cast):
    project = make_project(
        title="=1+1", partner_villages=[cast.timbang, cast.leksono], place="-"
    )
    [row] = rows(client, "projects:projects-csv")
    assert row["Nama proyek"] == "'=1+1"
    assert row["Lokasi"] == "'-"
    assert row["Bidang"] == "Infrastruktur"
    assert row["Tahap"] == "Disepakati"
    assert row["Desa lain"] == "Leksono; Timbang"
    assert row["Disetujui (Rp)"] == "0"
    assert row["Halaman"] == f"http://127.0.0.1:8000/proyek/{project.pk}/"


@pytest.mark.parametrize(
    ("address", "query", "column", "expected"),
    [
        ("projects:projects-csv", "?sektor=education", "Nama proyek", ["Guru"]),
        ("projects:projects-csv", "?q=jalan&page=9", "Nama proyek", ["Jalan"]),
        ("projects:money-csv", "?desa=timbang", "Judul", ["Talud Timbang"]),
        ("projects:money-csv", "?status=disetujui", "Judul", []),
        ("projects:lines-csv", "?desa=timbang", "Judul", ["Talud Timbang"]),
        ("projects:allotments-csv", "?tahun=2020", "Sumber dana", []),
        ("forum:meetings-csv", "?q=rapat+pipa", "Tentang", ["Rapat pipa"]),
        ("forum:decisions-csv", "?q=rapat+pipa", "Tentang", ["Rapat pipa"]),
        ("forum:follow-ups-csv", "?keadaan=belum", "Tugas", ["Mengukur"]),
        ("forum:follow-ups-csv", "?keadaan=selesai", "Tugas", ["Menanam"]),
        ("forum:follow-ups-csv", "?desa=timbang", "Tugas", []),
        ("villages:resources-csv", "?jenis=punya", "Nama", ["Molen"]),
        ("villages:resources-csv", "?keadaan=selesai&apa=land", "Nama", ["Lahan"]),
    ],
)
def test_a_file_holds_what_the_filters_in_its_address_leave(
    client, cast, body, address, query, column, expected
):
    make_project(title="Jalan")
    make_project(title="Guru", sector="education")
    ceiling = make_allotment(cast.district)
    for village in (cast.besani, cast.timbang):
        project = make_project(lead_village=village, title="Saluran")
        submitted_request(project, ceiling, title=f"Talud {village}")
    make_resource(cast.besani, cast.operator, title="Molen")
    land = make_resource(
        cast.besani, cast.operator, kind="need", what="land", title="Lahan"
    )
    exchange.close(land, by=cast.operator, status="agreed", reason="Ada.")
    forum_meeting = make_ready_meeting(body, cast.sekcam, title="Rapat pipa")
    make_action_item(forum_meeting, cast.besani, task="Mengukur")
    planted = make_action_item(forum_meeting, cast.besani, task="Menanam")
    forum.finalise(forum_meeting, by=cast.sekcam, version=forum_meeting.version)
    forum.finish_action_item(planted, by=cast.operator)
    finalised_meeting(body, cast.sekcam, title="Rapat lain")
    assert [row[column] for row in rows(client, address, query)] == expected


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("projects:projects-csv", "?tahap=lain"),
        ("projects:money-csv", "?desa=tidak-ada"),
        ("projects:lines-csv", "?tahun=abad"),
        ("projects:allotments-csv", "?tahun=abad"),
        ("forum:meetings-csv", "?lembaga=x"),
        ("forum:decisions-csv", "?tahun=1"),
        ("forum:follow-ups-csv", "?keadaan=x"),
        ("projects:projects-csv", "?q=%00"),
        ("villages:resources-csv", "?jenis=lain"),
    ],
)
def test_an_unknown_filter_is_refused_rather_than_left_out(
    client, cast, address, query
):
    response = client.get(reverse(address) + query)
    assert response.status_code == 400
    assert "tidak dikenal" in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize(
    ("page", "query", "address"),
    [
        ("/proyek/", "?q=jalan&tahap=agreed", "/proyek/data.csv"),
        ("/dana/", "?desa=besani", "/dana/data.csv"),
        ("/dana/", "?desa=besani", "/dana/rab.csv"),
        ("/rapat/", "?q=rapat", "/rapat/data.csv"),
        ("/sumber-daya/", "?jenis=punya&keadaan=semua", "/sumber-daya/data.csv"),
        ("/rapat/", "?q=rapat", "/rapat/keputusan.csv"),
    ],
)
def test_a_lists_link_keeps_the_filters_and_drops_the_page(
    client, grow, page, query, address
):
    grow(1)
    make_project(title="Jalan")
    html = client.get(f"{page}{query}&page=1").content.decode()
    assert f'href="{address}{query.replace("&", "&amp;")}"' in html


def plant(cast, body):
    """Everything that is not for the public, each with a mark to look for."""
    for user in (cast.operator, cast.camat):
        user.phone = PHONE
        user.save()
    make_resource(cast.besani, cast.operator)
    ceiling, project = make_allotment(cast.district), make_project()
    make_pledge(project)
    proposed = make_source("usul", f"{SECRET} usulan")
    make_allotment(cast.district, source=proposed, is_confirmed=False)
    make_request(project, ceiling, title=f"{SECRET} draf")
    returned = submitted_request(project, ceiling)
    funding.send_back(
        by=officer("verifier", cast.district),
        request_id=returned.pk,
        step=returned.step,
        reason=f"{SECRET} catatan",
    )
    account = last_account(released_request(project, ceiling))
    sent_account(account, payee=f"{SECRET} toko")
    draft = last_account(released_request(project, ceiling, reference="TRF-2"))
    make_receipt(draft, purpose=f"{SECRET} disusun")
    for make in (make_meeting, make_ready_meeting):
        meeting = make(body, cast.sekcam)
        make_participant(meeting, cast.besani, phone=PHONE, name=f"{SECRET} nama")
        if make is make_meeting:  # this one stays a draft
            make_decision(meeting, text=f"{SECRET} keputusan")
            make_action_item(meeting, cast.besani, task=f"{SECRET} tugas")
        else:
            make_action_item(meeting, cast.besani)
            forum.finalise(meeting, by=cast.sekcam, version=meeting.version)


@pytest.mark.parametrize("reader", [None, "operator", "camat", "admin"])
def test_no_file_holds_a_phone_number_a_draft_or_a_note(cast, body, reader):
    plant(cast, body)
    client = Client()
    if reader:
        client.force_login(getattr(cast, reader))
    for address in ADDRESSES:
        found = content(client, address).decode()
        assert PHONE not in found and PHONE[1:] not in found, address
        assert SECRET not in found, address
        assert len(found.splitlines()) > 1, address


def test_files_ask_as_often_for_many_rows_as_for_one(client, grow):
    def asked():
        counts = {}
        for address in ADDRESSES:
            with CaptureQueriesContext(connection) as found:
                content(client, address)
            counts[address] = len(found)
        return counts

    grow(1)
    few = asked()
    grow(3)
    assert asked() == few
    assert max(few.values()) <= 3, few


def add_villages(district, first, last):
    Village.objects.bulk_create(
        Village(
            district=district,
            code=f"{11 + n // 8000}.07.05.{1000 + n % 8000}",
            slug=f"desa-{n}",
            name=f"Desa {n}",
            kind="desa",
            population_source="Sensus " * 20,
        )
        for n in range(first, last)
    )


def peak(client):
    """(most bytes held at once while a file is fetched, bytes of the file)."""
    tracemalloc.start()
    try:
        response = client.get(reverse(VILLAGES.address))
        length = sum(len(part) for part in response.streaming_content)
        return tracemalloc.get_traced_memory()[1], length
    finally:
        tracemalloc.stop()


def test_twenty_thousand_rows_take_no_more_memory_than_a_thousand(client, cast):
    add_villages(cast.district, 0, 1000)
    peak(client)  # what the first request of all loads
    few, short = peak(client)
    add_villages(cast.district, 1000, 20_000)
    many, long = peak(client)
    assert long > 15 * short
    assert many < 1.25 * few


def test_the_index_lists_every_file_with_its_rows_and_columns(client, grow):
    grow(1)
    page = client.get("/data/").content.decode()
    for table in TABLES:
        assert f'href="{reverse(table.address)}"' in page
        for column in table.columns:
            assert f'<th scope="row">{column.heading}</th>' in page
    counts = dict(
        (table.address, n) for table, n in client.get("/data/").context["tables"]
    )
    assert counts == {table.address: table.rows().count() for table in TABLES}


def test_the_index_of_an_empty_portal_says_nought(client, db):
    context = client.get("/data/").context
    assert {n for _table, n in context["tables"]} == {0}


def test_the_index_stays_small_and_asks_little(client, grow):
    grow(2)
    with CaptureQueriesContext(connection) as found:
        response = client.get("/data/", headers=FROM_OUR_PAGE)
    assert len(found) <= 4
    assert len(response.content) < 60_000


def csv_names(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if str(pattern.pattern).endswith(".csv"):
                yield f"{namespace}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from csv_names(pattern.url_patterns, inner)


def test_every_csv_address_is_in_the_index():
    assert set(csv_names(get_resolver().url_patterns)) == set(ADDRESSES)
