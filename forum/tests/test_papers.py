"""The berita acara: what is frozen, and what the PDF says."""

import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from forum.meetings import actions
from forum.meetings import papers as forum_papers
from forum.tests.make import (
    at,
    make_action_item,
    make_agenda,
    make_ballot,
    make_body,
    make_decision,
    make_meeting,
    make_participant,
)
from forum.voting import actions as voting
from leksono_portal.kit import codes, dates, papers
from leksono_portal.kit.models import StoredPaper
from villages.models import Office
from villages.people.models import Post
from villages.tests.make import make_officer, make_user

NASTY = "Sri #*_$<& Wahyuni"
DAY = date(2026, 11, 17)


@pytest.fixture
def record(cast):
    """A whole meeting of three villages, finalised: 4 of 5 invited came."""
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_meeting(
        body,
        cast.operator,
        title="Pipa air #1 *bersama*",
        chair=cast.sekcam,
        starts_at=at(DAY, 9),
        ends_at=at(DAY, 12, 30),
    )
    items = make_agenda(meeting, "Pembukaan", "Jalur [pipa]", "Iuran $warga$")
    items[1].note = "Lewat Dusun Krajan.\n// bukan komentar"
    items[1].save()
    make_participant(meeting, cast.besani, name=NASTY, sex="P", phone="081234567890")
    make_participant(meeting, cast.besani, name="Wakil Besani", signs=True)
    make_participant(meeting, cast.timbang, name="Wakil Timbang")
    meeting.participants.update(may_vote=True)
    make_participant(meeting, cast.leksono, name="Tidak Datang", present=False)
    make_participant(meeting, None, name="Petugas PUPR", post="Staf teknis")
    make_decision(meeting, text="Pipa dibangun.\nDimulai `Januari`.")
    second = {"counts": (2, 1, 0, 0), "second": cast.other_operator}
    ballot = make_ballot(meeting, cast.lurah, question="Iuran #tetap.", **second)
    decision = voting.decide(ballot, by=cast.operator)
    said = {"text": "Iuran @warga dua ribu.", "dissent": "Timbang #keberatan"}
    actions.save_decision(decision, by=cast.operator, version=1, **said)
    lost = make_ballot(meeting, cast.operator, question="Kas $bersama.")
    voting.cancel(lost, by=cast.operator, reason="Papan _kurang_.")
    meeting.refresh_from_db()
    make_action_item(meeting, cast.timbang, task="Ukur jalur", due_on=date(2026, 12, 1))
    make_action_item(meeting, task="Kirim surat", due_on=date(2026, 12, 2))
    return actions.finalise(meeting, by=cast.operator, version=meeting.version)


def pages_of(record, paper="paper"):
    paper_id = getattr(record, f"{paper}_id")
    papers.render(paper_id)
    pdf = StoredPaper.objects.get(pk=paper_id).pdf
    return pages_in(pdf)


def pages_in(pdf):
    return [page.extract_text() for page in PdfReader(io.BytesIO(bytes(pdf))).pages]


def flat(pages):
    return " ".join(" ".join(pages).split())


def test_the_paper_says_everything_once_and_in_order(record):
    text = flat(pages_of(record))
    body, annex = text.split("DAFTAR HADIR")
    wanted = [
        "BERITA ACARA",
        "MUSYAWARAH ANTAR DESA",
        "Pipa air #1 *bersama*",
        "Nomor: 001/MAD-LKS/XI/2026",
        "Pada hari ini, Selasa tanggal tujuh belas bulan November tahun dua ribu dua "
        "puluh enam (17-11-2026), pukul 09.00 s.d. 12.30 WIB, bertempat di Pendopo "
        "Kecamatan,",
        "Diundang 5 orang, hadir 4 orang, yaitu 3 laki-laki dan 1 perempuan",
        "2 dari 3 desa/kelurahan anggota (diperlukan 2)",
        "3 dari 4 wakil desa (diperlukan 3), sehingga kuorum 2/3 terpenuhi",
        "1. Pembukaan",
        "2. Jalur [pipa]",
        "Lewat Dusun Krajan. // bukan komentar",
        "3. Iuran $warga$",
        "1. Pipa dibangun. Dimulai `Januari`. Diputuskan dengan mufakat.",
        "2. Iuran @warga dua ribu.",
        "suara terbanyak: 2 setuju, 1 tidak setuju, 0 abstain",
        "Keberatan yang dicatat: Timbang #keberatan",
        "Pemungutan suara",
        "Iuran #tetap.",
        "Disetujui: 2 dari 3 suara; perlu 2.",
        "2 setuju, 1 tidak setuju, 0 abstain, 0 tidak sah. Disetujui bila: lebih dari "
        "separuh suara yang masuk. Berhak dan hadir 3 utusan. Dihitung Lurah Leksono, "
        "disahkan Operator Timbang.",
        "Kas $bersama. Dibatalkan: Papan _kurang_.",
        "Ukur jalur Desa Timbang Selasa, 1 Desember 2026",
        "Kirim surat Kecamatan Rabu, 2 Desember 2026",
        "Demikian Berita Acara ini dibuat dan ditandatangani dengan sebenarnya",
        "Leksono, 17 November 2026",
        "Sekretaris Kecamatan Leksono",
        "Operator Besani",
        "Wakil Besani",
        "Wakil Timbang",
        "Kades Besani",
        "Kades Timbang",
        "Mengetahui: Camat Leksono Camat",
    ]
    places = []
    for phrase in wanted:
        assert phrase in body, phrase
        places.append(body.index(phrase))
    assert places == sorted(places)
    for name in ("Wakil Besani", "Wakil Timbang", "Kades Besani", "Kades Timbang"):
        assert body.count(name) == 1
    for phrase in ("Jalur [pipa]", "Pipa dibangun.", "Iuran @warga", "Ukur jalur"):
        assert text.count(phrase) == 1
    for name in (NASTY, "Wakil Besani", "Wakil Timbang", "Petugas PUPR"):
        assert annex.count(name) == 1
    assert "Tidak Datang" not in text


def test_no_phone_number_leaves_the_meeting(record):
    assert "0812" not in flat(pages_of(record))
    assert "0812" not in papers.canonical(record.paper.content)


def test_signatories_are_those_of_the_meetings_day(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    Office.objects.filter(user__in=[cast.head, cast.camat]).update(
        ends_on=DAY - timedelta(days=1)
    )
    Office.objects.create(
        user=make_user("plt.besani"),
        post=Post.VILLAGE_HEAD,
        standing=Office.Standing.PLT,
        village=cast.besani,
        starts_on=DAY,
        ends_on=DAY,
    )
    make_officer(
        "camat.baru", Post.CAMAT, cast.district, starts_on=DAY + timedelta(days=1)
    )
    meeting = make_meeting(
        body, cast.operator, starts_at=at(DAY, 9), ends_at=at(DAY, 10)
    )
    make_agenda(meeting)
    make_participant(meeting, cast.besani)
    record = actions.finalise(meeting, by=cast.operator, version=1)
    signatures = record.paper.content["signatures"]
    assert [(head["role"], head["name"]) for head in signatures["heads"]] == [
        ("Plt. Kepala Desa Besani", "Plt Besani"),
        ("Kepala Desa Timbang", "Kades Timbang"),
    ]
    assert signatures["camat"] == {"role": "Camat Leksono", "name": "", "post": ""}


def test_a_village_is_signed_for_by_who_was_chosen_else_not_by_its_head(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting)
    make_participant(meeting, cast.besani, name="A", post="Kepala Desa")
    make_participant(meeting, cast.besani, name="B")
    make_participant(meeting, cast.besani, name="C", present=False, signs=True)
    make_participant(meeting, cast.timbang, name="D")
    make_participant(meeting, cast.timbang, name="E", signs=True)
    record = actions.finalise(meeting, by=cast.operator, version=1)
    delegates = record.paper.content["signatures"]["delegates"]
    assert [delegate["name"] for delegate in delegates] == ["B", "E"]


def test_a_kelurahan_has_no_village_head_to_sign(record):
    heads = record.paper.content["signatures"]["heads"]
    assert [head["role"] for head in heads] == [
        "Kepala Desa Besani",
        "Kepala Desa Timbang",
    ]


def test_the_public_attendance_list_has_names_and_posts_only(record):
    text = flat(pages_of(record, "attendance_paper"))
    for phrase in (
        "DAFTAR HADIR",
        "Lampiran Berita Acara Nomor 001/MAD-LKS/XI/2026",
        "tentang Pipa air #1 *bersama*",
        f"1 {NASTY} BPD Desa Besani",
        "4 Petugas PUPR Staf teknis Dinas PUPR",
        "Diundang 5 orang, hadir 4 orang, yaitu 3 laki-laki dan 1 perempuan",
    ):
        assert phrase in text, phrase
    assert "Tidak Datang" not in text and "0812" not in text
    people = record.attendance_paper.content["participants"]
    assert {frozenset(person) for person in people} == {
        frozenset({"name", "post", "from", "proxy_for"})
    }


@pytest.mark.parametrize("paper", ["paper", "attendance_paper"])
def test_every_page_says_how_it_is_checked(record, paper):
    code = getattr(record, paper).code
    for page in pages_of(record, paper):
        assert codes.grouped(code) in page
        assert "bukan tanda tangan elektronik (TTE) tersertifikasi" in flat([page])


def test_the_list_to_sign_has_everyone_invited_and_room_for_visitors(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_meeting(
        body, cast.operator, title="Air $bersih$", starts_at=at(DAY, 9), ends_at=None
    )
    for number in range(40):
        make_participant(
            meeting,
            cast.besani if number < 20 else cast.timbang,
            name=f"{NASTY} {number:02}",
            phone="081234567890",
            present=False,
        )
    made_at = at(DAY, 8, 15)
    content = forum_papers.sheet_content(meeting, made_at)
    pdf = papers.typeset(forum_papers.SHEET_TEMPLATE, content, made_at)
    again = papers.typeset(forum_papers.SHEET_TEMPLATE, content, made_at)
    assert pdf == again
    pages = pages_in(pdf)
    text = flat(pages)
    for number in range(40):
        assert text.count(f"{NASTY} {number:02}") == 1
    for phrase in (
        "tentang Air $bersih$",
        "Selasa, 17 November 2026",
        "09.00 s.d. selesai",
        "Diundang 40 orang.",
        "Dicetak Selasa, 17 November 2026, 08.15 WIB.",
    ):
        assert phrase in text, phrase
    assert "40." in text and "41." not in text
    assert "A." in text and "J." in text and "baris berhuruf" in text
    assert all("Tanda tangan" in page for page in pages[:-1])
    assert "0812" not in text and not StoredPaper.objects.exists()


def test_a_substitute_is_printed_on_every_list(cast):
    body = make_body(cast.district, cast.besani, cast.timbang)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting)
    told = {"name": "Kaur Umum", "proxy_for": "Ketua #BPD"}
    make_participant(meeting, cast.besani, **told)
    make_participant(meeting, cast.timbang, name="Wakil Timbang")
    sheet = forum_papers.sheet_content(meeting, dates.now())
    pdf = papers.typeset(forum_papers.SHEET_TEMPLATE, sheet, dates.now())
    assert "mewakili Ketua #BPD" in flat(pages_in(pdf))
    record = actions.finalise(meeting, by=cast.operator, version=meeting.version)
    for paper in ("paper", "attendance_paper"):
        text = flat(pages_of(record, paper))
        assert "Kaur Umum mewakili Ketua #BPD" in text
        assert text.count("mewakili Ketua") == 1


@pytest.mark.parametrize("paper", ["paper", "attendance_paper"])
def test_a_record_from_before_there_were_substitutes_still_prints(record, paper):
    paper = getattr(record, paper)
    content = paper.content | {
        "participants": [
            {name: value for name, value in person.items() if name != "proxy_for"}
            for person in paper.content["participants"]
        ]
    }
    text = flat(pages_in(papers.typeset(paper.template, content, paper.created_at)))
    assert "Petugas PUPR" in text and "mewakili" not in text


def test_later_changes_do_not_reach_the_paper(cast, record):
    before = papers.canonical(record.paper.content)
    cast.head.full_name = "Nama Lain"
    cast.head.save()
    record.meeting.body.villages.clear()
    record.paper.refresh_from_db()
    assert papers.canonical(record.paper.content) == before


def test_the_papers_are_made_once_after_commit(
    cast, django_capture_on_commit_callbacks
):
    body = make_body(cast.district, cast.besani)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting)
    make_participant(meeting, cast.besani)
    with django_capture_on_commit_callbacks() as callbacks:
        record = actions.finalise(meeting, by=cast.operator, version=1)
    assert len(callbacks) == 2
    for paper_id in (record.paper_id, record.attendance_paper_id):
        assert papers.render(paper_id) is True
        assert papers.render(paper_id) is False


def test_a_missed_quorum_is_stated(cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting)
    make_participant(meeting, cast.besani)
    record = actions.finalise(meeting, by=cast.operator, version=1)
    assert "kuorum 2/3 tidak terpenuhi" in flat(pages_of(record))


def test_signature_blocks_stay_whole_when_many_villages_sign(cast):
    """The name stands on the page of its office, however the rows fall."""
    body = make_body(cast.district, cast.besani, cast.timbang)
    for n in range(20):
        village = cast.besani.__class__.objects.create(
            district=cast.district,
            code=f"{cast.district.code}.3{n:03}",
            slug=f"desa-{n}",
            name=f"Uji{n:02}",
            kind="desa",
        )
        body.villages.add(village)
        make_officer(f"kades.uji{n:02}", Post.VILLAGE_HEAD, village)
    meeting = make_meeting(body, cast.operator)
    make_agenda(meeting, *(f"Acara {n}" for n in range(17)))
    make_participant(meeting, cast.besani)
    pages = pages_of(actions.finalise(meeting, by=cast.operator, version=1))
    for n in range(20):
        (page,) = (page for page in pages if f"Kades Uji{n:02}" in page)
        assert f"Kepala Desa Uji{n:02}" in page
    (closing,) = (page for page in pages if "Demikian Berita Acara" in page)
    assert "Pimpinan rapat" in closing and cast.operator.name in closing
