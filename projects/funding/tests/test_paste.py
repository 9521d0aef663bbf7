"""A RAB out of a spreadsheet: read, shown, and added whole or not at all."""

import pytest
from django.urls import reverse

from projects.funding.models import BudgetLine
from projects.funding.paste import read_rows
from projects.tests.make import make_allotment, make_request, submitted_request

pytestmark = pytest.mark.django_db
SHEET = """No\tUraian\tVolume\tSatuan\tHarga Satuan (Rp)\tJumlah (Rp)
I.\tBahan\t\t\t\t
1\tSemen 50 kg\t120\tzak\t65.000\t7.800.000
2\t"Batu belah,
kali"\t12,5\tm³\tRp 250.000,00\t3.125.000
\tJumlah I\t\t\t\t10.925.000

II.\tUpah tenaga kerja\t\t\t\t
1\tPekerja\t40\tHOK\t100.000\t4.000.000
Total\t\t\t\t\t14.925.000
"""


@pytest.fixture
def request_(project, ceiling):
    return make_request(project, ceiling)


@pytest.fixture
def paste(send, cast, request_, ceiling):
    address = reverse("projects:lines-paste", args=[request_.pk])
    fields = {"version": request_.version, "group": "4operations"}
    fields["allotment"] = ceiling.pk

    def post(text, who=cast.operator, **more):
        return send(who, address, sheet=text, **fields | more)

    return post


def test_headings_groups_numbers_and_sums_are_read_as_they_stand():
    rows = read_rows(SHEET, "4operations")
    assert [(row.group, row.cells["description"]) for row in rows] == [
        ("1material", "Semen 50 kg"),
        ("1material", "Batu belah, kali"),
        ("3labour", "Pekerja"),
    ]
    assert rows[1].cells["quantity"] == "12,5"
    assert [row.number for row in rows] == [3, 5, 9]


def test_rows_without_headings_are_read_in_order_with_or_without_numbers():
    for text in ("1.;Sewa molen;3;hari;150.000", "Sewa molen;3;hari;150.000;450.000"):
        [row] = read_rows(text, "2equipment")
        assert row.group == "2equipment"
        read = [row.cells[name] for name in ("description", "quantity", "unit")]
        assert read == ["Sewa molen", "3", "hari"]
        assert row.cells["unit_price"] == "150.000"


def test_what_was_read_is_shown_first_and_added_once_it_is_confirmed(
    paste, request_, ceiling
):
    before = request_.requested
    shown = paste(SHEET)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "Masukkan 3 baris, Rp14.925.000" in text
    assert request_.lines.count() == 1
    added = paste(SHEET, shown=shown.context["form"].content)
    assert added.status_code == 302
    request_.refresh_from_db()
    assert request_.requested == before + 14_925_000
    new = list(request_.lines.order_by("pk"))[1:]
    assert [(line.group, line.amount, line.allotment) for line in new] == [
        ("1material", 7_800_000, ceiling),
        ("1material", 3_125_000, ceiling),
        ("3labour", 4_000_000, ceiling),
    ]


def test_what_was_changed_after_it_was_shown_is_shown_again(paste, request_):
    seen = paste(SHEET).context["form"].content
    again = paste(SHEET.replace("65.000\t7.800.000", "66.000\t7.920.000"), shown=seen)
    assert "Masukkan 3 baris, Rp15.045.000" in again.content.decode()
    assert request_.lines.count() == 1


@pytest.mark.parametrize(
    "row, sentence",
    [
        ("Semen\t0\tzak\t65.000", "Volume: Volume harus lebih dari nol."),
        ("Semen\tdua\tzak\t65.000", "Volume: Tulis volumenya dengan angka"),
        ("Semen\t2\tzak\tmurah", "Harga satuan: Tulis jumlahnya dengan angka saja"),
        ("Semen\t2\tzak", "Harga satuan: "),
        (
            "Semen\t2\tzak\t65.000\t99",
            "Jumlah di lembar Rp99, volume kali harga Rp130.000",
        ),
        (f"{'x' * 161}\t2\tzak\t65.000", "Uraian: "),
    ],
)
def test_one_wrong_row_keeps_all_out_and_is_told(paste, request_, row, sentence):
    answer = paste(f"Pasir\t3\tm³\t200.000\n{row}")
    text = answer.content.decode()
    assert sentence in text
    assert "1 dari 2 baris perlu dibetulkan; belum ada yang masuk RAB." in text
    assert "Pasir" in answer.context["form"]["sheet"].value()
    assert "Masukkan" not in text
    confirmed = paste(f"Pasir\t3\tm³\t200.000\n{row}", shown="x" * 64)
    assert confirmed.status_code == 200
    assert request_.lines.count() == 1


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("II. Alat", "Belum ada baris RAB di dalamnya."),
        ("Pasir;1;m³;5\n" * 201, "Paling banyak 200 baris sekali tempel; ini 201."),
    ],
)
def test_nothing_or_too_much_is_told(paste, request_, text, sentence):
    assert sentence in paste(text).content.decode()
    assert request_.lines.count() == 1


def test_lines_of_ones_own_money_ask_for_nothing(paste, request_):
    before = request_.requested
    rows = "Tenaga gotong royong\t10\tHOK\t100.000"
    seen = paste(rows, allotment="").context["form"].content
    assert paste(rows, allotment="", shown=seen).status_code == 302
    request_.refresh_from_db()
    assert request_.requested == before
    assert BudgetLine.objects.filter(allotment=None).get().amount == 1_000_000


def test_the_ceiling_of_another_year_is_no_choice(paste, cast, request_):
    foreign = make_allotment(cast.district, year=2031, ceiling=5)
    assert paste(SHEET, allotment=foreign.pk).status_code == 200
    assert request_.lines.count() == 1


def test_a_budget_that_was_sent_takes_no_rows(project, ceiling, send, cast):
    sent = submitted_request(project, ceiling)
    address = reverse("projects:lines-paste", args=[sent.pk])
    fields = {"version": sent.version, "group": "1material", "sheet": SHEET}
    assert send(cast.operator, address, **fields).status_code == 403
    assert sent.lines.count() == 1
