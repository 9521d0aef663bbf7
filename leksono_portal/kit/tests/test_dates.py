from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.template import engines
from django.utils import translation

from leksono_portal.kit import dates

MORNING = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
LATE_EVENING = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # already 2027 in WIB


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 24), "Selasa, 24 November 2026"),
        (date(2026, 1, 1), "Kamis, 1 Januari 2026"),
        (date(2024, 2, 29), "Kamis, 29 Februari 2024"),
        (date(2026, 3, 2), "Senin, 2 Maret 2026"),
        (date(2026, 4, 3), "Jumat, 3 April 2026"),
        (date(2026, 5, 9), "Sabtu, 9 Mei 2026"),
        (date(2026, 6, 7), "Minggu, 7 Juni 2026"),
        (date(2026, 7, 15), "Rabu, 15 Juli 2026"),
        (date(2026, 8, 17), "Senin, 17 Agustus 2026"),
        (date(2026, 9, 30), "Rabu, 30 September 2026"),
        (date(2026, 10, 28), "Rabu, 28 Oktober 2026"),
        (date(2026, 12, 31), "Kamis, 31 Desember 2026"),
        (MORNING, "Selasa, 24 November 2026"),
        (LATE_EVENING, "Jumat, 1 Januari 2027"),
    ],
)
def test_a_date_is_written_with_its_day(day, text):
    assert dates.format_date(day) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (
            date(2026, 11, 24),
            "Selasa tanggal dua puluh empat bulan November "
            "tahun dua ribu dua puluh enam (24-11-2026)",
        ),
        (
            date(2027, 1, 1),
            "Jumat tanggal satu bulan Januari "
            "tahun dua ribu dua puluh tujuh (01-01-2027)",
        ),
        (
            date(2030, 10, 11),
            "Jumat tanggal sebelas bulan Oktober tahun dua ribu tiga puluh (11-10-2030)",
        ),
        (
            date(2000, 2, 10),
            "Kamis tanggal sepuluh bulan Februari tahun dua ribu (10-02-2000)",
        ),
        (
            date(1999, 12, 31),
            "Jumat tanggal tiga puluh satu bulan Desember "
            "tahun seribu sembilan ratus sembilan puluh sembilan (31-12-1999)",
        ),
    ],
)
def test_a_date_is_spelled_as_in_a_berita_acara(day, text):
    assert dates.date_in_words(day) == text


def test_times_are_written_in_wib():
    assert dates.format_when(MORNING) == "Selasa, 24 November 2026, 09.30 WIB"
    assert dates.format_when(LATE_EVENING) == "Jumat, 1 Januari 2027, 00.00 WIB"
    assert dates.format_time(time(9, 5)) == "09.05 WIB"
    assert dates.format_date_short(LATE_EVENING) == "1 Jan 2027"
    assert dates.format_date_short(date(2026, 5, 9)) == "9 Mei 2026"


def test_months_in_letter_numbers_are_roman():
    months = [dates.roman_month(date(2026, month, 1)) for month in range(1, 13)]
    assert months == "I II III IV V VI VII VIII IX X XI XII".split()
    assert dates.roman_month(LATE_EVENING) == "I"


def test_days_are_counted_by_the_calendar_in_wib():
    assert dates.days_since(dates.now()) == 0
    assert dates.days_since(dates.today() - timedelta(days=5)) == 5
    assert dates.days_since(dates.today() + timedelta(days=1)) == -1
    midnight = dates.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert dates.days_since(midnight - timedelta(seconds=1)) == 1


def test_dates_have_the_names_of_the_language_and_formulas_are_indonesian():
    with translation.override("en"):
        assert dates.format_when(MORNING) == "Tuesday, 24 November 2026, 09.30 WIB"
        assert dates.format_date(date(2026, 8, 17)) == "Monday, 17 August 2026"
        assert dates.format_date_short(date(2026, 8, 17)) == "17 Aug 2026"
        assert dates.date_in_words(MORNING).startswith("Selasa tanggal dua puluh empat")


def test_templates_write_money_and_dates_and_nothing_for_nothing():
    page = engines["django"].from_string(
        "{{ money|rupiah }} {{ money|angka }} {{ when|tanggal }} "
        "{{ when|tanggal_pendek }} {{ when|waktu }} {{ when|jam }}"
        "[{{ none|rupiah }}{{ none|tanggal }}{{ none|hari_sejak }}]"
    )
    assert page.render({"money": 1_250_000, "when": MORNING, "none": None}) == (
        "Rp1.250.000 1.250.000 Selasa, 24 November 2026 "
        "24 Nov 2026 Selasa, 24 November 2026, 09.30 WIB 09.30 WIB[]"
    )
