import hashlib
import io
import json
import logging
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django_tasks_db.models import DBTaskResult
from pypdf import PdfReader

from leksono_portal.kit import codes, papers
from leksono_portal.kit.models import StoredPaper

SAMPLE = "contoh.typ"
AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
NASTY = 'Talut #*_$<& ~ @ruj // "kutip" \\ `x` #panic("x") $x^2$ = judul'


def text_of(pdf):
    return " ".join(
        " ".join(
            page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages
        ).split()
    )


def stored(**content):
    return papers.store("contoh", content, AT, template=SAMPLE)


def test_what_people_typed_is_printed_literally():
    pdf = papers.typeset(SAMPLE, {"judul": NASTY, "isi": NASTY}, AT)
    assert text_of(pdf).count(NASTY) == 2


def test_the_same_paper_has_the_same_bytes():
    content = {"judul": "Berita acara", "isi": "Kesepakatan " * 500}
    assert papers.typeset(SAMPLE, content, AT) == papers.typeset(SAMPLE, content, AT)


def test_the_pdf_is_tagged_and_bears_the_date_of_the_paper():
    pdf = PdfReader(io.BytesIO(papers.typeset(SAMPLE, {"judul": "Judul"}, AT)))
    assert pdf.root_object["/MarkInfo"]["/Marked"]
    assert pdf.root_object["/Lang"] == "id"
    assert b"pdfuaid" in pdf.root_object["/Metadata"].get_data()
    assert pdf.metadata.creation_date == AT
    assert pdf.metadata.title == "Judul"


def test_a_sign_that_no_font_has_does_not_stop_a_paper(caplog):
    pdf = papers.typeset(SAMPLE, {"judul": "Rapat", "isi": "setuju 😀 ꦧꦼꦱꦤꦶ"}, AT)
    assert "setuju" in text_of(pdf)


def test_content_has_one_writing_and_one_hash(db):
    paper = papers.store("contoh", {"b": 1, "a": ["é", None]}, AT, template=SAMPLE)
    paper.refresh_from_db()
    text = papers.canonical(paper.content)
    assert text == '{"a":["é",null],"b":1}'
    assert paper.content_sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("value", [1.5, [{"x": 0.1}], AT, {1, 2}])
def test_content_of_more_than_one_writing_is_refused(value):
    with pytest.raises(TypeError):
        papers.canonical({"nilai": value})


def test_a_paper_is_enqueued_when_and_only_when_it_is_committed(
    db, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        paper = stored(judul="Satu")
        assert not DBTaskResult.objects.exists()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [paper.pk]


def test_rendering_fills_the_paper_once(db):
    paper = stored(judul="Satu", isi=NASTY)
    assert list(papers.pending()) == [paper]
    assert papers.render(paper.pk) is True
    paper.refresh_from_db()
    assert NASTY in text_of(bytes(paper.pdf))
    assert paper.pdf_sha256 == hashlib.sha256(paper.pdf).hexdigest()
    assert papers.render(paper.pk) is False
    assert not papers.pending()


def test_a_fault_is_logged_and_leaves_the_paper_waiting(db, caplog):
    paper = papers.store("contoh", {}, AT, template="tidak-ada.typ")
    with caplog.at_level(logging.ERROR):
        assert papers.render(paper.pk) is False
    assert f"paper {paper.pk}" in caplog.text
    assert papers.pending().contains(paper)


@pytest.mark.django_db(transaction=True)
def test_a_paper_being_made_is_left_to_its_maker():
    paper = stored(judul="Satu")
    with transaction.atomic():
        StoredPaper.objects.select_for_update().get(pk=paper.pk)
        answers = []
        thread = Thread(target=lambda: _render(paper.pk, answers))
        thread.start()
        thread.join(timeout=10)
        assert answers == [False]
    assert papers.render(paper.pk) is True


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_make_a_paper_once():
    paper = stored(judul="Satu")
    barrier = Barrier(3)
    answers = []
    threads = [
        Thread(target=lambda: (barrier.wait(), _render(paper.pk, answers)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, True]


def _render(paper_id, answers):
    try:
        answers.append(papers.render(paper_id))
    finally:
        connection.close()


def test_a_long_paper_passes_as_data(db):
    lines = " ".join(f"baris-{n}" for n in range(20_000))
    assert len(json.dumps(lines)) > 200_000
    assert "baris-19999" in text_of(papers.typeset(SAMPLE, {"isi": lines}, AT))


def test_every_paper_has_a_code_of_its_own_from_the_start(db):
    found = [stored(judul="Satu").code for _ in range(50)]
    assert len(set(found)) == 50
    assert all(codes.read(code) == code for code in found)


def test_the_paper_prints_its_code_and_where_to_check_it(db, settings):
    paper = stored(judul="Satu")
    papers.render(paper.pk)
    paper.refresh_from_db()
    text = text_of(bytes(paper.pdf))
    assert f"{settings.SITE_URL}/verifikasi/{paper.code}/" in text
    assert codes.grouped(paper.code) in text


def test_a_paper_made_twice_has_the_same_bytes_and_another_code_other_ones():
    content, first, second = {"judul": NASTY}, codes.new_code(), codes.new_code()
    made = papers.typeset(SAMPLE, content, AT, first)
    assert papers.typeset(SAMPLE, content, AT, first) == made
    assert papers.typeset(SAMPLE, content, AT, second) != made


@pytest.mark.parametrize(
    "typed",
    [
        "7K3Q9XM0A4TVR81N",
        "7K3Q-9XM0-A4TV-R81N",
        " 7k3q 9xmo a4tv r8in ",
        "7k3q-9xmO-a4tv-r8lN",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert codes.read(typed) == "7K3Q9XM0A4TVR81N"


@pytest.mark.parametrize(
    "typed",
    ["", "7K3Q", "7K3Q9XM0A4TVR81NN", "7K3Q9XM0A4TVR81U", "٣" * 16, "\x00" * 16],
)
def test_what_is_no_code_is_told_from_one(typed):
    assert codes.read(typed) is None


def test_the_database_takes_only_codes_and_each_once(db):
    paper = stored(judul="Satu")
    for code in (paper.code, "o" * 16, "SHORT"):
        with pytest.raises(IntegrityError, match="paper_code"), transaction.atomic():
            StoredPaper.objects.create(
                kind="contoh",
                code=code,
                template=SAMPLE,
                content={},
                content_sha256="x",
                created_at=AT,
            )
