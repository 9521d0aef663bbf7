"""Anyone with a paper in hand can ask the portal whether it is from here."""

import pytest
from django.urls import reverse
from django.utils import timezone

from forum.tests.make import finalised_meeting, make_body
from leksono_portal.kit import codes, papers
from projects.funding import actions
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_project,
    submitted_request,
)

ASK = "/verifikasi/"


@pytest.fixture
def record(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = finalised_meeting(body, cast.operator, title='Air #1 <b>"bersih"</b>')
    return meeting.record


def shown(client, paper):
    response = client.get(reverse("home:verification", args=[paper.code]))
    return response, response.content.decode()


def test_the_address_on_the_paper_is_that_of_the_page(settings):
    code = codes.new_code()
    assert codes.address(code) == settings.SITE_URL + reverse(
        "home:verification", args=[code]
    )


def test_the_right_code_shows_what_the_portal_has(client, record):
    response, page = shown(client, record.paper)
    assert response.status_code == 200
    for phrase in (
        record.number,
        "Air #1 &lt;b&gt;&quot;bersih&quot;&lt;/b&gt;",
        record.paper.content["date"],
        record.paper.content_sha256,
        codes.grouped(record.paper.code),
        "bukan tanda tangan elektronik (TTE) tersertifikasi",
        record.meeting.get_absolute_url(),
    ):
        assert phrase in page, phrase
    assert "sedang dibuat" in page and "Berkas PDF</dt>" not in page
    papers.render(record.paper_id)
    record.paper.refresh_from_db()
    _response, page = shown(client, record.paper)
    assert record.paper.pdf_sha256 in page
    assert reverse("forum:record-pdf", args=[record.meeting_id]) in page


def test_every_kind_of_paper_is_found_with_its_pdf(client, cast, record):
    project, ceiling = make_project(), make_allotment(cast.district)
    granted = approved_request(project, ceiling)
    asked = submitted_request(project, ceiling)
    refused = actions.reject(
        by=cast.camat,
        request_id=asked.pk,
        step=asked.step,
        reason="Sengketa",
        letter_number="900/13/2026",
    )
    for paper, name, pdf in (
        (record.paper, "Berita acara", "berita-acara.pdf"),
        (record.attendance_paper, "Daftar hadir", "daftar-hadir.pdf"),
        (granted.letter.paper, "Surat persetujuan dana 900/12/2026", "surat.pdf"),
        (refused.letter.paper, "Surat penolakan dana 900/13/2026", "surat.pdf"),
    ):
        papers.render(paper.pk)
        response, page = shown(client, paper)
        assert response.status_code == 200 and name in page and pdf in page


@pytest.mark.parametrize("change", [str.lower, codes.grouped])
def test_a_code_typed_differently_leads_to_the_one_address(client, record, change):
    code = record.paper.code
    right = reverse("home:verification", args=[code])
    typed = reverse("home:verification", args=[change(code)])
    assert client.get(typed).url == right
    assert client.get(ASK, {"kode": f" {change(code)} "}).url == right


def test_a_wrong_code_is_not_found_and_says_how_to_check_again(client, record):
    code = record.paper.code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for typed in (wrong, "ABC", "x" * 500, "\x00", "<script>"):
        response = client.get(reverse("home:verification", args=[typed]))
        page = response.content.decode()
        assert response.status_code == 404
        assert "Tidak ada surat dengan kode ini" in page and "<script>" not in page
        assert record.number not in page


def test_the_form_keeps_what_was_typed_wrong(client, db):
    response = client.get(ASK, {"kode": '7K3Q-"><b>'})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="7K3Q-&quot;&gt;&lt;b&gt;"' in page
    assert "Tidak ada surat dengan kode ini" in page
    assert "Tidak ada surat" not in client.get(ASK).content.decode()


def test_a_paper_of_no_public_kind_is_not_shown(client, db):
    paper = papers.store("rahasia", {}, timezone.now(), template="x.typ")
    response, _page = shown(client, paper)
    assert response.status_code == 404


def test_a_check_costs_few_queries(client, record, django_assert_max_num_queries):
    shown(client, record.paper)
    with django_assert_max_num_queries(5):
        shown(client, record.paper)
