"""Dates and times in WIB, with the names of the language that is active.

What is kept or printed is written while Indonesian is (`kit.language.in_indonesian`).
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language

from leksono_portal.kit.words import terbilang

WIB = ZoneInfo("Asia/Jakarta")
DAYS_EN = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SHORT_DAYS_EN = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS_EN = (
    "January February March April May June "
    "July August September October November December"
).split()
SHORT_MONTHS_EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split()
MONTHS = (
    "Januari Februari Maret April Mei Juni "
    "Juli Agustus September Oktober November Desember"
).split()
SHORT_MONTHS = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split()
ROMAN_MONTHS = "I II III IV V VI VII VIII IX X XI XII".split()


def now():
    """This moment, in WIB."""
    return timezone.now().astimezone(WIB)


def today():
    """The date it is now in WIB."""
    return now().date()


def midnight():
    """When today began in WIB."""
    return datetime.combine(today(), time.min, tzinfo=WIB)


def to_date(value):
    """The WIB date of a datetime with zone; a plain date stays what it is."""
    return value.astimezone(WIB).date() if isinstance(value, datetime) else value


def short_weekday(day):
    """`Selasa`, of a date; in English `Tue`."""
    return (SHORT_DAYS_EN if _is_english() else DAYS)[day.weekday()]


def short_month(day):
    """`Nov`, of a date."""
    return (SHORT_MONTHS_EN if _is_english() else SHORT_MONTHS)[day.month - 1]


def format_date(value):
    """`Selasa, 24 November 2026`; in English `Tuesday, 24 November 2026`."""
    day = to_date(value)
    days, months = (DAYS_EN, MONTHS_EN) if _is_english() else (DAYS, MONTHS)
    return f"{days[day.weekday()]}, {day.day} {months[day.month - 1]} {day.year}"


def format_date_short(value):
    """`24 Nov 2026`."""
    day = to_date(value)
    return f"{day.day} {short_month(day)} {day.year}"


def format_time(value):
    """`09.30 WIB`, of a datetime with zone, or of a time that is already WIB."""
    moment = value.astimezone(WIB) if isinstance(value, datetime) else value
    return f"{moment:%H.%M} WIB"


def format_when(value):
    """`Selasa, 24 November 2026, 09.30 WIB`, of a datetime with zone."""
    return f"{format_date(value)}, {format_time(value)}"


def roman_month(value):
    """The month as the numbers of official letters have it: `XI`."""
    return ROMAN_MONTHS[to_date(value).month - 1]


def date_in_words(value):
    """The date as the opening formula of a berita acara spells it, in any language:

    `Selasa tanggal dua puluh empat bulan November tahun dua ribu dua puluh enam
    (24-11-2026)`.
    """
    day = to_date(value)
    return (
        f"{DAYS[day.weekday()]} tanggal {terbilang(day.day)} "
        f"bulan {MONTHS[day.month - 1]} tahun {terbilang(day.year)} ({day:%d-%m-%Y})"
    )


def days_since(value: date | datetime) -> int:
    """Whole WIB calendar days from `value` to today; 0 today, negative if to come."""
    return (today() - to_date(value)).days


def _is_english():
    return get_language() == "en"
