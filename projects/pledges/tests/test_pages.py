"""What partners, villages and residents read, and the letter of thanks."""

import io
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from leksono_portal.kit import codes, dates, files, form_keys, papers
from leksono_portal.kit.models import StoredPaper
from leksono_portal.kit.tests.pictures import jpeg
from projects.pledges import actions
from projects.pledges.forms import PledgeForm, ReceiveForm
from projects.pledges.models import Pledge
from projects.portfolio import actions as portfolio
from projects.tests.make import (
    agreed_pledge,
    make_pledge,
    make_project,
    make_thanks,
    receive_pledge,
    received_pledge,
    used_pledge,
)
from villages.models import Partner
from villages.people.models import Post
from villages.tests.make import make_officer, make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    return make_project(title="Pipa air bersih")


def text_of(response):
    return unescape(response.content.decode())


def read(thing, user=None, query=""):
    client = Client()
    if user:
        client.force_login(user)
    return text_of(client.get(thing.get_absolute_url() + query))


def address(name, pledge):
    return reverse(f"projects:pledge-{name}", args=[pledge.pk])


def in_order(text, *phrases):
    place = 0
    for phrase in phrases:
        assert phrase in text[place:], phrase
        place = text.index(phrase, place) + len(phrase)
    return True


# The donor's page -------------------------------------------------------------


def test_a_donor_reads_what_became_of_it(cast, project):
    pledge = used_pledge(project)
    page = read(pledge.partner)
    assert in_order(
        page,
        "Apa yang terjadi dengan bantuannya",
        "Dana dijanjikan</dt><dd>Rp5.000.000",
        "Dana diterima</dt><dd>Rp5.000.000",
        "Dana dimanfaatkan</dt><dd>Rp5.000.000",
        "di luar pagu",
        "Dimanfaatkan",
        pledge.what,
        "Pipa air bersih",
        pledge.outcome,
    )
    assert cast.operator.name not in page and cast.sekcam.name not in page


def test_an_estimate_is_said_to_be_one(project):
    received_pledge(
        project, kind="goods", quantity=Decimal(20), unit="sak", estimate=1_400_000
    )
    page = read(Partner.objects.get())
    assert "ditaksir Rp1.400.000; itu taksiran, bukan uang" in page
    assert "20 sak" in page and "Dana dijanjikan" not in page


@pytest.mark.parametrize("verb", ["decline", "withdraw"])
def test_a_no_is_read_with_its_reason(cast, project, verb):
    pledge = make_pledge(project)
    reason = "Sekolah tidak memasang iklan."
    getattr(actions, verb)(by=cast.head, pledge_id=pledge.pk, version=1, reason=reason)
    for thing in (pledge, pledge.partner):
        assert reason in read(thing)


def test_a_photo_is_shown_until_it_is_withdrawn(cast, project):
    pledge = agreed_pledge(project)
    receipt = receive_pledge(pledge, 1, upload=jpeg(), alt="Serah terima uang")

    files.process(receipt.photo.file_id)
    for thing in (pledge.partner, pledge):
        assert 'alt="Serah terima uang"' in read(thing)
    portfolio.withdraw_photo(receipt.photo, by=cast.operator, reason="Wajah anak.")
    assert "Serah terima uang" not in read(pledge.partner)
    assert "Foto ditarik: Wajah anak." in read(pledge)


# The project's page -----------------------------------------------------------


def test_a_project_without_a_pledge_says_nothing_of_partners(project):
    assert "Bantuan mitra" not in read(project)


def test_a_project_adds_up_what_was_agreed_to(cast, project):
    make_pledge(project)
    receive_pledge(agreed_pledge(project), 2_000_000)
    agreed_pledge(
        project,
        kind="goods",
        what="Semen untuk bak",
        quantity=Decimal("2.5"),
        unit="m³",
    )
    assert in_order(
        read(project),
        "Bantuan mitra",
        "Dana dijanjikan</dt><dd>Rp5.000.000",
        "Dana diterima</dt><dd>Rp2.000.000",
        "Semen untuk bak",
        "2,5 m³",
        "Rp2.000.000",
        "di luar pagu",
    )


def test_many_pledges_are_cut_and_shown_on_demand(project):
    for number in range(13):
        make_pledge(project, what=f"Bantuan ke-{number:02} untuk pipa")
    assert "Bantuan ke-00" not in read(project)
    assert "Bantuan ke-00" in read(project, query="?semua")


def test_the_button_is_for_those_who_may(cast, project):
    for user, may in ((cast.operator, True), (cast.camat, True), (cast.lurah, False)):
        assert ("Catat janji mitra" in read(project, user)) is may


# Forms ------------------------------------------------------------------------


TOLD = {"kind": "goods", "what": "Pipa PVC 4 inci", "quantity": "20", "unit": "batang"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "5.000.000"}, "amount"),
        ({"kind": "funds"}, "amount"),
        ({"kind": "funds", "amount": "0"}, "amount"),
        ({"kind": "funds", "amount": "1.000", "estimate": "2.000"}, "estimate"),
        ({"kind": "training"}, "quantity"),
        ({"kind": "advice", "quantity": "", "unit": "", "estimate": "5"}, "estimate"),
        ({"unit": ""}, "unit"),
        ({"quantity": ""}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"estimate": "0"}, "estimate"),
        ({"what": "Pipa"}, "what"),
        ({"what": "Hubungi 0812-3456-7890 dahulu"}, "what"),
        ({"letter_number": "12/2026"}, "letter_date"),
        ({"letter_date": "2026-01-02"}, "letter_number"),
        ({"letter_number": "12", "letter_date": "2999-01-02"}, "letter_date"),
    ],
)
def test_a_pledge_is_told_in_the_measure_of_its_kind(cast, changes, field):
    partner = make_partner(cast.district, cast.camat)
    sent = {"partner": partner.pk} | TOLD
    partners = Partner.objects.all()
    assert PledgeForm(sent, partners=partners).is_valid()
    form = PledgeForm(sent | changes, partners=partners)
    assert not form.is_valid()
    assert field in form.errors


def test_a_photo_says_what_is_to_be_seen(project):
    pledge = agreed_pledge(project)
    sent = {"version": pledge.version, "received_on": dates.today().isoformat()}
    sent |= {"amount": "1.000", "reference": "BAST/1"}
    assert ReceiveForm(sent, pledge=pledge).is_valid()

    photo = {"upload": SimpleUploadedFile("foto.jpg", jpeg())}
    form = ReceiveForm(sent, photo, pledge=pledge)
    assert list(form.errors) == ["alt"]
    form = ReceiveForm(sent | {"alt": "Serah terima"}, pledge=pledge)
    assert list(form.errors) == ["upload"]


def test_a_photo_goes_with_the_receipt_and_must_be_chosen_again(cast, project, client):
    """The real form, once with a wrong amount and once whole."""
    pledge = agreed_pledge(project)
    client.force_login(cast.operator)
    for amount, status in (("9.000.000", 200), ("1.000", 302)):
        sent = {
            form_keys.FIELD: form_keys.new_key(cast.operator),
            "version": pledge.version,
            "received_on": dates.today().isoformat(),
            "amount": amount,
            "reference": "BAST/1",
            "alt": "Serah terima uang",
            "upload": SimpleUploadedFile("foto.jpg", jpeg()),
        }
        response = client.post(address("receive", pledge), sent)
        assert response.status_code == status
        if status == 200:
            page = text_of(response)
            assert "pilih lagi fotonya" in page and "BAST/1" in page
            assert not project.photos.exists() and not pledge.receipts.exists()
    assert pledge.receipts.get().photo == project.photos.get()


def test_the_whole_way_through_the_pages(cast, project, send):
    make_partner(cast.district, cast.camat)
    new = reverse("projects:pledge-new", args=[project.pk])
    partner = Partner.objects.get().pk
    send(cast.operator, new, partner=partner, **TOLD)
    pledge = Pledge.objects.get()
    today = dates.today().isoformat()
    send(cast.head, address("agree", pledge), version=1)
    received = {"received_on": today, "quantity": "12,5", "reference": "BAST/1"}
    send(cast.operator, address("receive", pledge), version=2, **received)
    reason = {"reason": "Sisanya rusak di jalan."}
    send(cast.operator, address("close", pledge), version=3, **reason)
    outcome = {"outcome": "Terpasang sepanjang 50 meter."}
    send(cast.head, address("use", pledge), version=4, **outcome)
    send(cast.head, address("thank", pledge), version=5, number="005/1/2026")
    pledge.refresh_from_db()
    assert pledge.status == "used" and pledge.letter.number == "005/1/2026"
    assert in_order(
        read(pledge), "20 batang", "12,5 batang", "Terpasang", "Sisanya rusak di jalan."
    )


# The letter -------------------------------------------------------------------


def letter_text(letter):
    papers.render(letter.paper_id)
    pdf = bytes(StoredPaper.objects.get(pk=letter.paper_id).pdf)
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_camat_thanks_for_money(cast, project):
    pledge = used_pledge(project)
    today = dates.format_date(dates.today()).partition(", ")[2]
    assert in_order(
        letter_text(make_thanks(pledge)),
        "KECAMATAN LEKSONO",
        f"Leksono, {today}",
        "900/7/2026",
        "Ucapan terima kasih",
        "Yth. Pimpinan Lembaga Air Lestari",
        "proyek Pipa air bersih yang dipimpin Desa Besani",
        "Dana: Dana untuk pipa jalur bawah",
        "Rp5.000.000 (lima juta rupiah), seluruhnya",
        "BAST/1",
        pledge.outcome,
        "Camat Leksono",
        cast.camat.name,
    )


def test_a_head_who_stands_in_thanks_for_a_part_of_goods(cast, project):
    stand_in = make_officer(
        "plt.besani", Post.VILLAGE_HEAD, cast.besani, standing="plt"
    )
    pledge = agreed_pledge(
        project,
        what='Semen #*_$<& "abu" \\ @x',
        kind="goods",
        quantity=Decimal(20),
        unit="sak",
        estimate=1_400_000,
    )
    receive_pledge(pledge, quantity=Decimal("12.5"))
    pledge.refresh_from_db()
    seen = {"pledge_id": pledge.pk, "version": pledge.version}
    actions.close(by=cast.operator, **seen, reason="Sisanya rusak.")
    pledge.refresh_from_db()
    assert in_order(
        letter_text(make_thanks(pledge, by=stand_in)),
        "DESA BESANI",
        "Besani,",
        pledge.what,
        "12,5 sak dari 20 sak yang dijanjikan",
        "kira-kira Rp1.400.000 (taksiran)",
        "Plt. Kepala Desa Besani",
        stand_in.name,
    )


def test_anyone_may_read_and_check_the_letter(cast, project):
    pledge = received_pledge(project)
    client = Client()
    assert client.get(address("letter", pledge)).status_code == 404
    letter = make_thanks(pledge)
    assert client.get(address("letter", pledge)).status_code == 202
    papers.render(letter.paper_id)
    assert client.get(address("letter", pledge))["Content-Type"] == "application/pdf"
    page = text_of(client.get(reverse("home:verification", args=[letter.paper.code])))
    assert "Surat terima kasih" in page and letter.number in page
    assert codes.grouped(letter.paper.code) in page


@pytest.mark.parametrize("who", ["operator", "sekcam", "other_head", "far_camat"])
def test_nobody_else_signs(cast, project, who):
    with pytest.raises(PermissionDenied):
        make_thanks(received_pledge(project), by=getattr(cast, who))


def test_what_has_not_come_is_not_thanked_for(cast, project):
    for pledge in (make_pledge(project), agreed_pledge(project)):
        with pytest.raises(PermissionDenied):
            make_thanks(pledge)


def test_the_database_wants_something_to_thank_for(cast, project, refused):
    make_thanks(received_pledge(project))
    offered = make_pledge(project)
    refused(
        "INSERT INTO projects_thanksletter (number, paper_id, pledge_id)"
        f" SELECT number, paper_id, {offered.pk} FROM projects_thanksletter",
        match="belum dapat diberi terima kasih",
    )
