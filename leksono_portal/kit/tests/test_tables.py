import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leksono_portal.kit.tables import cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+62",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\uff1d1+1",
        "Talud;=1+1",
        "Talud; =1+1",
        'Talud;"=1+1"',
        '"=1+1"',
        "baris\n=1+1;@x",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_starts_a_formula_wherever_a_program_splits_the_line(text, separator):
    line = io.StringIO()
    csv.writer(line).writerow(["Besani", cell(text), 1])
    line.seek(0)
    for row in csv.reader(line, delimiter=separator):
        for found in row:
            assert found.lstrip(' "')[:1] not in set("=+-@\uff1d\t\r"), row


def test_numbers_stay_numbers():
    assert cell(-5) == -5
    assert cell(0) == 0
    assert cell(Decimal("-1.50")) == "-1.5"
    assert cell(Decimal("62.500")) == "62.5"
    assert cell(Decimal("100.00")) == "100"
    assert cell(Decimal("1E+3")) == "1000"
    assert cell(None) == ""


def test_ordinary_text_is_left_as_it_is():
    assert cell("Talud, 50 m - tahap 2 (a+b=c)") == "Talud, 50 m - tahap 2 (a+b=c)"
    assert cell(["Besani", "Timbang"]) == "Besani; Timbang"


def test_text_is_one_line_and_times_are_wib():
    assert cell("Satu\r\n  dua\tlagi ") == "Satu dua lagi"
    assert cell(datetime(2026, 11, 24, 2, 30, tzinfo=UTC)) == "2026-11-24 09:30"
    assert cell(date(2026, 11, 24)) == "2026-11-24"
