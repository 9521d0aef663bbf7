"""The whole chain in a real browser, each step by the office that takes it."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from forum.models import AgendaItem, Body, Meeting, OfficialRecord
from leksono_portal.kit import dates
from leksono_portal.tests.visitor import KeyboardVisitor
from projects.funding.checklist import POINTS
from projects.models import FundingRequest, Project
from projects.tests.make import make_allotment, make_source
from villages.models import User

pytestmark = pytest.mark.browser
NAME = 'Wakil #*_$<& "Besani"'
WAYS = {
    "phone": {"width": 360},
    "desk": {"width": 1280},
    "without script": {"width": 360, "java_script_enabled": False},
    "keyboard only": {"width": 1280, "visitor": KeyboardVisitor},
}


@pytest.fixture
def body(portal_server, cast):
    body = Body.objects.create(
        district=cast.district, name="BKAD Leksono", code="MAD-LKS"
    )
    body.villages.set([cast.besani, cast.timbang, cast.leksono])
    return body


def saved_or_press(who, button):
    """What the room saves by itself has no button where there is script."""
    if who.has_script:
        said = who.page.locator(".saved [role=status]")
        said.filter(has_text="Semua tersimpan di portal").wait_for()
    else:
        who.press(button)


@pytest.mark.parametrize("way", WAYS)
def test_from_a_meeting_to_money_that_everyone_can_see(
    way, cast, body, visit, pictures
):
    make_allotment(cast.district, source=make_source())
    people = {}

    def come(username):
        people[username] = visit(username, **WAYS[way])
        return people[username]

    def shown(who, name):
        if way in ("phone", "desk"):
            who.picture(pictures, name)

    operator = come("operator.besani")
    call_a_meeting(operator)
    log_what_is_said(operator)
    shown(operator, "01-ruang-rapat")
    finalise(operator)
    shown(operator, "02-rapat-final")
    make_it_a_project(operator)
    shown(operator, "03-proyek-baru")
    ask_for_money(operator)
    shown(operator, "04-draf-permohonan")

    head = come("kades.besani")
    head.press("Ajukan")
    head.fill(letter_number="410/37/XI/2026")
    shown(head, "05-ajukan")
    head.press("Ajukan Rp30.000.000")

    verifier = come("verifikator")
    verifier.press("Verifikasi")
    verifier.fill(**{f"ok_{n}": "ya" for n, _point in enumerate(POINTS, 1)})
    shown(verifier, "06-verifikasi")
    verifier.press("Nyatakan layak")

    approve_a_part(come("camat"), shown)

    treasurer = come("bendahara")
    treasurer.press("Cairkan")
    treasurer.fill(reference="TRF-2026-001")
    shown(treasurer, "09-cairkan")
    treasurer.press("Catat cair Rp24.000.000")

    operator.open("/kerja/")
    operator.open(f"/proyek/{Project.objects.get().pk}/lapor/")
    report_progress(operator)
    shown(operator, "10-dilaporkan")
    walk_the_chain_both_ways(come(None), shown)
    assert [wrong for person in people.values() for wrong in person.wrong] == []


def call_a_meeting(operator):
    operator.open("/rapat/")
    operator.press("Buat rapat")
    operator.fill(
        title="Air bersih bersama",
        date=(dates.today() - timedelta(days=1)).isoformat(),
        starts="09:00",
        ends="11:30",
        place="Pendopo Kecamatan",
        chair=operator_name(),
        secretary=operator_name(),
    )
    operator.press("Umumkan rapat")


def operator_name():
    return User.objects.get(username="operator.besani").name


def log_what_is_said(operator):
    room = f"/rapat/{Meeting.objects.get().pk}"
    operator.open(f"{room}/catat/")
    operator.fill("/acara/tambah/", title="Pembukaan")
    operator.press("Tambah acara")
    operator.fill("/acara/tambah/", title="Sumber air Besani")
    operator.press("Tambah acara")
    item = AgendaItem.objects.get(position=2)
    note = operator.page.locator(f"[name=note-{item.pk}]")
    operator.write(note, "Debit cukup untuk dua desa.")
    saved_or_press(operator, "Simpan catatan")
    for village in ("Besani", "Timbang"):
        operator.press("Tambah peserta")
        operator.fill(village=village)
        operator.fill(
            **{"form-0-name": f"{NAME} {village}", "form-0-post": "BPD"},
            **{"form-0-sex": "Perempuan"},
        )
        operator.press("Tambah ke daftar")
    operator.fill("/hadir/", present=True)
    saved_or_press(operator, "Simpan daftar hadir")
    operator.fill("/keputusan/tambah/", text="Pipa air bersih dibangun bersama.")
    operator.press("Catat keputusan")
    operator.fill(
        "/tindak-lanjut/tambah/",
        task="Mengukur jalur pipa",
        village="Besani",
        due_on=(dates.today() + timedelta(days=14)).isoformat(),
    )
    operator.press("Tambah tindak lanjut")


def finalise(operator):
    operator.press("Periksa dan finalkan")
    operator.press("Finalkan dan beri nomor")
    record = OfficialRecord.objects.get()
    assert record.number.startswith("001/MAD-LKS/")
    # The worker's part, which the test does in its place.
    call_command("db_worker", batch=True, verbosity=0)
    operator.open(f"/rapat/{record.meeting_id}/")
    assert record.number in operator.text
    assert f"{NAME} Besani" in operator.text


def make_it_a_project(operator):
    operator.press("Jadikan proyek")
    operator.fill(
        title="Pipa air bersih Besani–Timbang",
        sector="infrastructure",
        lead_village="Desa Besani",
        partner_villages=True,
        place="Mata air Krajan",
        purpose="Air bersih sepanjang kemarau.",
    )
    operator.press("Buat proyek")
    operator.press("Tulis rencana pekerjaan")
    operator.fill(
        title="Galian dan pipa",
        cost="Rp 30.000.000,00",
        starts_on=(dates.today() - timedelta(days=4)).isoformat(),
        ends_on=(dates.today() + timedelta(days=5)).isoformat(),
    )
    operator.press("Tambahkan ke rencana")


def ask_for_money(operator):
    operator.open(Project.objects.get().get_absolute_url())
    operator.press("Minta dana")
    operator.fill(background="Sumur kering tiap kemarau.")
    operator.press("Simpan draf")
    operator.press("Isi RAB")
    operator.fill(
        description="Pipa HDPE",
        group="1material",
        quantity="62,5",
        unit="m",
        unit_price="480.000",
    )
    operator.fill(allotment=1)
    operator.press("Tambah ke RAB")
    operator.open(FundingRequest.objects.get().get_absolute_url())
    assert "Rp30.000.000" in operator.text


def approve_a_part(camat, shown):
    camat.press("Putuskan")
    line = FundingRequest.objects.get().lines.get()
    camat.fill(**{f"line_{line.pk}": "24.000.000"}, letter_number="900/118/XI/2026")
    camat.press("Setujui Rp30.000.000")
    shown(camat, "07-putuskan")
    assert "Setujui Rp24.000.000" in camat.text
    camat.fill(**{f"reason_{line.pk}": "Cukup 50 meter menurut gambar."})
    camat.press("Setujui Rp24.000.000")
    shown(camat, "08-disetujui")
    assert "Rp24.000.000" in camat.text


def report_progress(operator):
    item = Project.objects.get().work_items.get()
    operator.fill(
        **{f"item-{item.pk}": 40}, spent="9.000.000", text="Galian separuh jalan."
    )
    operator.press("Kirim laporan kemajuan")


def walk_the_chain_both_ways(resident, shown):
    resident.open("/")
    shown(resident, "11-beranda")
    resident.press("Proyek", within="nav.tabs")
    resident.press("Pipa air bersih Besani–Timbang")
    shown(resident, "12-proyek")
    for what in ("40%", "rencana 50%", "Rp9.000.000", "Rp24.000.000"):
        assert what in resident.text
    resident.press("Permohonan", within=".chain")
    shown(resident, "13-permohonan")
    for what in ("Rp30.000.000", "Rp24.000.000", "Cukup 50 meter menurut gambar."):
        assert what in resident.text
    resident.press("Keputusan 1", within=".chain")
    assert "Pipa air bersih dibangun bersama." in resident.text
    resident.press("Pipa air bersih", within=".chain")
    assert "/proyek/" in resident.page.url
    assert resident.context.cookies() == []
