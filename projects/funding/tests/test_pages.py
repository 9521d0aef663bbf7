"""What everyone may see: /dana/ and the page of one request."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import FROM_OUR_PAGE
from leksono_portal.kit import kept
from projects.funding import actions
from projects.funding.models import FundingRequest
from projects.funding.tests.test_rules import put_in
from projects.sources.models import Allotment
from projects.tests.make import (
    approved_request,
    asked_amounts,
    make_allotment,
    make_line,
    make_project,
    make_request,
    make_source,
    submitted_request,
    verified_request,
)

MONEY = "/dana/"


def text(response):
    return " ".join(response.content.decode().split())


def queries(client, address):
    kept.ask_all()
    with CaptureQueriesContext(
        connection,
    ) as found:
        response = client.get(address)
    assert response.status_code == 200
    return len(found)


def test_a_stranger_gets_no_cookie_no_token_and_a_304(cast, project, ceiling, client):
    request = submitted_request(project, ceiling)
    for address in (MONEY, request.get_absolute_url()):
        first = client.get(address)
        assert first.status_code == 200
        assert not first.cookies
        assert b"csrfmiddlewaretoken" not in first.content
        assert b"form_key" not in first.content
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304


def test_the_list_says_whose_turn_it_is_and_since_when(cast, project, ceiling, client):
    verified_request(project, ceiling, title="Talud")
    approved_request(project, ceiling, title="Pipa")
    page = text(client.get(MONEY))
    assert "menunggu Camat sejak hari ini" in page
    assert "menunggu Bendahara Kecamatan sejak hari ini" in page
    assert "Rp60.000.000" in page  # asked by both
    assert "Rp70.000.000" in page  # free of the ceiling of 100 million


def test_drafts_are_on_no_page_of_others(cast, project, ceiling, client):
    request = make_request(project, ceiling, title="Rahasia desa")
    for user in (None, cast.camat, cast.other_operator, cast.resident):
        if user:
            client.force_login(user)
        assert "Rahasia desa" not in text(client.get(MONEY))
        for name in (
            "request",
            "request-letter",
            "request-edit",
            "line-add",
            "lines-paste",
            "lines-copy",
            "request-submit",
            "request-withdraw",
            "request-verify",
            "request-return",
            "request-approve",
            "request-reject",
            "request-release",
        ):
            response = client.get(reverse(f"projects:{name}", args=[request.pk]))
            # A stranger is asked to sign in before anything is looked up.
            assert response.status_code == (
                302
                if user is None and name not in ("request", "request-letter")
                else 404
            )
    client.force_login(cast.operator)
    assert "Rahasia desa" in text(client.get(MONEY))
    assert client.get(request.get_absolute_url()).status_code == 200


def test_what_a_return_says_stays_inside(cast, project, ceiling, client):
    request = put_in("returned", cast, project, ceiling)
    address = request.get_absolute_url()
    inside = "Dikembalikan untuk diperbaiki"
    for user in (None, cast.resident, cast.other_operator, cast.far_camat):
        if user:
            client.force_login(user)
        page = text(client.get(address))
        assert "Peta kurang" not in page
        assert "ikembalikan" not in page
        assert "Diperiksa" in page
    for user in (cast.operator, cast.head, cast.verifier, cast.camat, cast.sekcam):
        client.force_login(user)
        page = text(client.get(address))
        assert "Peta kurang" in page
        assert inside in page


def test_why_a_request_was_refused_is_public(cast, project, ceiling, client):
    request = put_in("rejected", cast, project, ceiling)
    assert "Peta kurang" in text(client.get(request.get_absolute_url()))


def test_the_page_shows_what_was_cut_and_paid(cast, project, ceiling, client):
    request = verified_request(project, ceiling, asked=(30_000_000, 10_000_000))
    cut = request.lines.first()
    actions.approve(
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        amounts=asked_amounts(request) | {cut.pk: 21_000_000},
        reasons={cut.pk: "Sesuai gambar"},
        letter_number="900/12/2026",
        tranches=[20_000_000, 11_000_000],
        message="Segera dikerjakan",
    )
    page = text(client.get(request.get_absolute_url()))
    for words in (
        "Rp40.000.000",
        "Rp31.000.000",
        "Sesuai gambar",
        "900/12/2026",
        "Termin 2",
        "Rp11.000.000",
        "Segera dikerjakan",
        "Menunggu Bendahara Kecamatan sejak hari ini",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    "query, titles",
    [
        ("", {"Talud", "Pipa", "Jauh"}),
        ("status=diusulkan", {"Talud", "Jauh"}),
        ("status=diperiksa", {"Pipa"}),
        ("status=verified", {"Talud", "Pipa", "Jauh"}),
        ("desa=timbang", {"Jauh"}),
        ("desa=tidak-ada", {"Talud", "Pipa", "Jauh"}),
        ("q=pip", {"Pipa"}),
        ("q=%00", {"Talud", "Pipa", "Jauh"}),
        ("tahun=1900", {"Talud", "Pipa", "Jauh"}),
        ("tahun=abc&page=99&status=", {"Talud", "Pipa", "Jauh"}),
        ("tahun=2099&q=" + "a" * 500, {"Talud", "Pipa", "Jauh"}),
        ("q=tidak+ada", set()),
    ],
)
def test_the_filters_are_in_the_address(cast, project, ceiling, client, query, titles):
    submitted_request(project, ceiling, title="Talud")
    verified_request(project, ceiling, title="Pipa")
    far = make_project(lead_village=cast.timbang, by=cast.other_operator)
    submitted_request(far, ceiling, title="Jauh", by=cast.other_operator)
    response = client.get(f"{MONEY}?{query}")
    assert response.status_code == 200
    assert {row.title for row in response.context["page_obj"]} == titles


def multiply(cast, project, ceiling, times):
    """One request, and `times` of everything that hangs on it and stands beside it."""
    request = make_request(project, ceiling, asked=(1_000,) * times)
    for _ in range(times):
        make_line(request, None)
    for turn in range(times):
        request.refresh_from_db()
        actions.submit(
            by=cast.head,
            request_id=request.pk,
            version=request.version,
            letter_number="1",
            message=f"jawaban {turn}",
        )
        request.refresh_from_db()
        actions.send_back(
            by=cast.verifier, request_id=request.pk, step=request.step, reason="x"
        )
    for _ in range(times):
        number = Allotment.objects.count()
        source = make_source(f"s{number}", f"Sumber {number}")
        make_allotment(cast.district, source=source)
        approved_request(
            make_project(), ceiling, asked=(1_000,), tranches=(400, 300, 200, 100)
        )
    return request.get_absolute_url(), FundingRequest.objects.first()


@pytest.mark.parametrize("who", [None, "operator", "camat", "treasurer"])
def test_queries_do_not_grow_with_the_rows(cast, project, ceiling, client, who):
    if who:
        client.force_login(getattr(cast, who))
    address, granted = multiply(cast, project, ceiling, 1)
    pages = {
        MONEY: 8,
        f"{MONEY}?desa=besani&status=diperiksa": 8,
        address: 12,
        granted.get_absolute_url(): 12,
    }
    client.get(MONEY)
    few = {page: queries(client, page) for page in pages}
    multiply(cast, project, ceiling, 15)
    for _ in range(14):
        make_line(FundingRequest.objects.get(pk=address.split("/")[2]), None)
    many = {page: queries(client, page) for page in pages}
    assert many == few
    for page, most in pages.items():
        assert few[page] <= most, page


def test_a_page_of_the_list_stays_small(cast, project, ceiling, client):
    for _ in range(25):
        submitted_request(project, ceiling, asked=(1_000,), title="Talud " * 20)
    first = client.get(MONEY, headers=FROM_OUR_PAGE)
    assert len(first.content) < 60_000
    assert len(first.context["page_obj"]) == 20
    assert len(client.get(f"{MONEY}?page=2").context["page_obj"]) == 5


def test_proposed_ceilings_are_for_the_district_until_confirmed(cast, client, send):
    proposed = make_allotment(cast.district, is_confirmed=False)
    address = reverse("projects:allotment-confirm", args=[proposed.pk])
    assert "Rp900.000.000" not in text(client.get(MONEY))
    client.force_login(cast.operator)
    assert "Rp900.000.000" not in text(client.get(MONEY))
    assert client.get(address).status_code == 404
    client.force_login(cast.treasurer)
    assert "Menunggu penetapan Camat" in text(client.get(MONEY))
    assert client.get(address).status_code == 403
    assert send(cast.treasurer, address, ceiling=900_000_000).status_code == 403
    client.force_login(cast.camat)
    assert address in text(client.get(MONEY))
    assert send(cast.camat, address, ceiling=1).status_code == 409
    assert send(cast.camat, address, ceiling=900_000_000).status_code == 302
    client.logout()
    assert "Rp900.000.000" in text(client.get(MONEY))


def test_the_back_office_shows_money_and_changes_none(cast, project, ceiling, client):
    put_in("running", cast, project, ceiling)
    client.force_login(cast.admin)
    for name in (
        "fundingrequest",
        "budgetline",
        "transition",
        "reservation",
        "tranche",
        "release",
        "allotment",
    ):
        address = f"/admin/projects/{name}/"
        assert client.get(address).status_code == 200
        assert client.get(f"{address}add/").status_code == 403
    assert client.get("/admin/projects/fundsource/add/").status_code == 200
    client.force_login(cast.camat)
    assert client.get("/admin/projects/fundsource/add/").status_code == 403
