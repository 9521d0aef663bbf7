"""The camat's letter: frozen with the decision, made once, open to all."""

import io

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from leksono_portal.kit import codes, dates, papers
from leksono_portal.kit.models import StoredPaper
from projects.funding import actions
from projects.funding.checklist import points
from projects.funding.models import DecisionLetter
from projects.tests.make import (
    asked_amounts,
    make_line,
    make_request,
    submitted_request,
    verified_request,
)

NASTY = 'Batu #*_$<& "belah" \\ @x // `y`'


def text_of(letter):
    papers.render(letter.paper_id)
    pdf = bytes(StoredPaper.objects.get(pk=letter.paper_id).pdf)
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def approve(cast, request, **overrides):
    fields = {"amounts": asked_amounts(request), "reasons": {}}
    fields |= {"letter_number": "900/12/XI/2026"} | overrides
    actions.approve(by=cast.camat, request_id=request.pk, step=request.step, **fields)
    return DecisionLetter.objects.get(request=request)


def reject(cast, request, reason="Lahan masih sengketa.\nSelesaikan #dahulu."):
    actions.reject(
        by=cast.camat,
        request_id=request.pk,
        step=request.step,
        reason=reason,
        letter_number="900/13/XI/2026",
    )
    return DecisionLetter.objects.get(request=request)


@pytest.fixture
def asking(cast, project, ceiling):
    """Verified: 30 and 20.5 million asked in two lines, one of the villages' own."""
    request = make_request(project, ceiling, title=NASTY)
    make_line(
        request,
        ceiling,
        group="3labour",
        description=f"Tukang {NASTY}",
        quantity="102.5",
        unit="HOK",
        unit_price=200_000,
    )
    make_line(request, description="Sumbangan warga")
    request.refresh_from_db()
    request = actions.submit(
        by=cast.head,
        request_id=request.pk,
        version=request.version,
        letter_number="410/37/XI/2026",
    )
    return actions.verify(
        by=cast.verifier,
        request_id=request.pk,
        step=request.step,
        checklist=[{"point": point, "ok": True, "note": ""} for point in points()],
    )


def in_order(text, *phrases):
    place = 0
    for phrase in phrases:
        assert phrase in text[place:], phrase
        place = text.index(phrase, place) + len(phrase)
    return True


def test_a_request_granted_whole(cast, asking):
    text = text_of(approve(cast, asking))
    today = dates.format_date(dates.today()).partition(", ")[2]
    assert in_order(
        text,
        "PEMERINTAH KABUPATEN WONOSOBO",
        "KECAMATAN LEKSONO",
        f"Leksono, {today}",
        "900/12/XI/2026",
        "Persetujuan dan rekomendasi pencairan dana",
        "Yth. Kepala Desa Besani",
        "Nomor 410/37/XI/2026 yang diajukan pada",
        f"tentang {NASTY} (permohonan {asking.number}",
        "lengkap dan memenuhi syarat, dengan ini kami menyetujui seluruhnya, yaitu "
        "Rp50.500.000 (lima puluh juta lima ratus ribu rupiah) dari Rp50.500.000",
        "I. Bahan 1.",
        "30.000.000 30.000.000",
        "III. Upah 2.",
        f"Tukang {NASTY} 102,5 HOK 20.500.000 20.500.000",
        "Jumlah 50.500.000 50.500.000",
        "Bantuan Keuangan Kabupaten Rp50.500.000",
        "sekaligus.",
        "Camat Leksono",
        cast.camat.name,
    )
    assert "Sumbangan warga" not in text and "Alasan" not in text


def test_a_request_granted_in_part_and_in_tranches(cast, asking):
    first, second = asking.lines.filter(allotment__isnull=False)
    letter = approve(
        cast,
        asking,
        amounts={first.pk: 10_000_000, second.pk: 20_500_000},
        reasons={first.pk: "Batu #dari sungai sendiri"},
        tranches=[20_000_000, 10_500_000],
        message="Laporkan setiap bulan.\nTerima kasih.",
    )
    assert in_order(
        text_of(letter),
        "menyetujui sebagian, yaitu Rp30.500.000 (tiga puluh juta lima ratus ribu "
        "rupiah) dari Rp50.500.000 yang diminta",
        "Alasan: Batu #dari sungai sendiri",
        "30.000.000 10.000.000",
        "Jumlah 50.500.000 30.500.000",
        "dalam 2 termin:",
        "Termin 1 Rp20.000.000 (dua puluh juta rupiah)",
        "Termin 2 Rp10.500.000 (sepuluh juta lima ratus ribu rupiah)",
        "Laporkan setiap bulan. Terima kasih.",
    )


def test_a_request_refused(cast, asking):
    assert in_order(
        text_of(reject(cast, asking)),
        "900/13/XI/2026",
        "Permohonan dana tidak disetujui",
        "yang telah diverifikasi kecamatan pada",
        "sebesar Rp50.500.000 (lima puluh juta lima ratus ribu rupiah) tersebut tidak "
        "dapat disetujui, dengan alasan:",
        "Lahan masih sengketa. Selesaikan #dahulu.",
        cast.camat.name,
    )


def test_a_refusal_before_verification_does_not_speak_of_one(cast, project, ceiling):
    letter = reject(cast, submitted_request(project, ceiling))
    assert "diverifikasi" not in text_of(letter)


def test_a_long_letter_keeps_its_signature_with_the_closing_words(
    cast, project, ceiling
):
    request = verified_request(project, ceiling, asked=[1_000_000] * 60)
    letter = approve(cast, request)
    papers.render(letter.paper_id)
    pdf = bytes(StoredPaper.objects.get(pk=letter.paper_id).pdf)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) > 1
    assert "Demikian surat" in pages[-1] and cast.camat.name in pages[-1]
    assert all(codes.grouped(letter.paper.code) in page for page in pages)


def test_the_letter_is_born_with_the_decision_and_made_after_it(
    cast, asking, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        letter = approve(cast, asking)
    assert letter.paper.created_at == letter.request.status_since
    assert letter.number == letter.request.decision_letter
    assert len(callbacks) == 1


def test_it_holds_no_personal_data(cast, asking):
    said = papers.canonical(reject(cast, asking).paper.content)
    for person in (cast.operator, cast.head, cast.verifier):
        assert person.name not in said


def test_later_changes_do_not_reach_it_and_it_is_made_once(cast, asking):
    letter = approve(cast, asking)
    assert papers.render(letter.paper_id) is True
    before = StoredPaper.objects.get(pk=letter.paper_id)
    cast.camat.full_name = "Nama Lain"
    cast.camat.save()
    assert papers.render(letter.paper_id) is False
    after = StoredPaper.objects.get(pk=letter.paper_id)
    assert bytes(after.pdf) == bytes(before.pdf)
    again = papers.typeset(after.template, after.content, after.created_at, after.code)
    assert again == bytes(after.pdf)


def test_the_letter_is_awaited_then_open_to_all(cast, asking, client):
    address = reverse("projects:request-letter", args=[asking.pk])
    assert client.get(address).status_code == 404
    letter = approve(cast, asking)
    waiting = client.get(address)
    assert waiting.status_code == 202 and "sedang dibuat" in waiting.content.decode()
    page = client.get(asking.get_absolute_url()).content.decode()
    assert "sedang dibuat" in page and address not in page
    papers.render(letter.paper_id)
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert "surat-900-12-xi-2026.pdf" in answer["Content-Disposition"]
    assert address in client.get(asking.get_absolute_url()).content.decode()


def test_no_decision_without_its_letter(cast, asking, as_web_role):
    with (
        pytest.raises(DatabaseError, match="diputuskan tanpa surat"),
        transaction.atomic(),
        as_web_role() as cursor,
    ):
        cursor.execute(
            "WITH moved AS (UPDATE projects_fundingrequest SET status = 'rejected',"
            " status_since = now(), step = step + 1, decided_by_id = %s WHERE id = %s"
            " RETURNING id, step)"
            " INSERT INTO projects_transition (request_id, number, from_status,"
            " to_status, revision, by_id, office, reason, at)"
            " SELECT id, step, 'verified', 'rejected', 1, %s, 'Camat', 'x', now()"
            " FROM moved",
            [cast.camat.pk, asking.pk, cast.camat.pk],
        )


def test_no_letter_without_a_decision(asking, as_web_role):
    paper = papers.store("contoh", {}, dates.now(), template="contoh.typ")
    with (
        pytest.raises(DatabaseError, match="surat tanpa keputusan"),
        transaction.atomic(),
        as_web_role() as cursor,
    ):
        cursor.execute(
            "INSERT INTO projects_decisionletter (request_id, number, paper_id)"
            " VALUES (%s, '1', %s)",
            [asking.pk, paper.pk],
        )
