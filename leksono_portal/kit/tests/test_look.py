import gzip
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from leksono_portal.kit import curve
from leksono_portal.kit.icons import ICONS
from leksono_portal.kit.templatetags import look

PLAN = [(date(2026, 8, 1), 0), (date(2026, 9, 30), 80), (date(2026, 11, 29), 100)]
REAL = [(date(2026, 8, 1), 0), (date(2026, 9, 30), 60)]
TODAY = date(2026, 9, 30)


def render(source, **context):
    return engines["django"].from_string(source).render(context)


def numbers(pattern, html):
    return [float(found) for found in re.findall(pattern, html)]


@pytest.mark.parametrize(
    ("real", "plan", "kind", "words"),
    [
        (80, 88, "late", "Tertinggal 8%"),
        (62, 65, "late", "Tertinggal 3%"),
        (63, 65, "level", "Sesuai rencana"),
        (67, 65, "level", "Sesuai rencana"),
        (68, 65, "early", "Lebih cepat 3%"),
        (0, 0, "level", "Sesuai rencana"),
    ],
)
def test_deviation_counts_from_three_points_on(real, plan, kind, words):
    assert look.deviation(real, plan) == (kind, words)


def test_deviation_agrees_with_the_figures_beside_it():
    # 2.6 apart, but the page reads 80% and 83%.
    assert look.deviation(80.4, 83.0) == ("late", "Tertinggal 3%")
    html = render("{% progress 80.4 83.0 %}")
    assert "<b>80%</b>, rencana 83%" in html
    assert "Tertinggal 3%" in html


def test_halves_are_written_upwards():
    assert [look.whole(n) for n in (0.5, 1.5, 2.5, 79.5)] == [1, 2, 3, 80]


def test_bar_shows_real_as_fill_and_plan_as_tick():
    html = render("{% bar 80 88 %}")
    assert numbers(r'class="fill" x="0.00%" y="4" width="([\d.]+)%"', html) == [80]
    assert numbers(r'class="tick" x="([\d.]+)%"', html) == [88]


def test_bar_stays_within_its_track():
    html = render("{% bar 140 -5 %}")
    assert numbers(r'class="fill"[^>]* width="([\d.]+)%"', html) == [100]
    assert numbers(r'class="tick" x="([\d.]+)%"', html) == [0]


def test_meter_says_how_many_are_there_and_how_many_are_needed():
    html = render('{% meter 11 10 14 "desa" %}')
    assert "<b>11</b> dari 14 desa, perlu 10" in html
    assert numbers(r'class="tick" x="([\d.]+)%"', html) == [71.43]
    assert "dari 42, perlu 28" in render("{% meter 29 28 42 %}")


def test_meter_of_nobody_is_empty():
    html = render("{% meter 0 0 0 %}")
    assert numbers(r'class="fill"[^>]* width="([\d.]+)%"', html) == [0]


def test_ceiling_meter_says_what_is_left():
    html = render("{% ceilingmeter 900 640 208 %}")
    assert "Sisa bila disetujui</dt><dd>Rp52" in html
    assert numbers(r'class="waiting" x="([\d.]+)%"', html) == [71.11]


def test_ceiling_meter_says_when_the_ceiling_would_be_broken():
    html = render("{% ceilingmeter 900 640 300 %}")
    assert "Melebihi pagu</dt><dd>Rp40" in html
    assert "Sisa" not in html


def test_ceiling_meter_without_a_request_has_no_turmeric():
    html = render("{% ceilingmeter 900 640 0 %}")
    assert "waiting" not in html
    assert "Sisa</dt><dd>Rp260" in html


def test_money_bars_share_one_scale():
    rows = [
        {"label": "Diminta", "amount": 200, "of": 200},
        {"label": "Disetujui", "amount": 150, "of": 200},
        {"label": "Cair", "amount": 100, "of": 200},
        {"label": "LPJ", "amount": 60, "of": 200, "waiting": 40},
    ]
    html = render("{% moneybars rows %}", rows=rows)
    widths = numbers(r'class="(?:stone|pale|fill|deep)"[^>]* width="([\d.]+)%"', html)
    assert widths == [100, 75, 50, 30]
    assert numbers(r'class="waiting" x="([\d.]+)%"', html) == [30]
    assert "<small>75%</small>" in html


def test_stack_pieces_fill_the_bar():
    html = render("{% stack amounts %}", amounts=[250, 120, 56, 60])
    assert sum(numbers(r'class="s\d"[^>]* width="([\d.]+)%"', html)) == pytest.approx(
        100, abs=0.05
    )


def test_a_day_is_seen_even_on_a_long_scale():
    html = render("{% dayscale 400 0 400 True %}")
    piece = r'class="waiting" x="([\d.]+)%" y="4" width="([\d.]+)%"'
    start, width = map(float, re.search(piece, html).groups())
    assert start + width <= 100
    assert width > 0


def test_steps_mark_the_present_one_and_say_each_state():
    items = [
        {"label": "Usulan", "date": "12 Mei 2026", "state": "done"},
        {"label": "Pelaksanaan", "date": "", "state": "now"},
        {"label": "Selesai", "date": "", "state": "later"},
    ]
    html = render("{% steps items %}", items=items)
    assert html.count('aria-current="step"') == 1
    assert re.search(r'aria-current="step">.*Pelaksanaan', html)
    assert [word in html for word in (", selesai", ", sekarang", ", belum")] == [
        True
    ] * 3


def test_chain_does_not_link_to_its_own_place():
    links = [("rapat", "MAD", "/rapat/1/"), ("proyek", "Proyek ini", None)]
    html = render("{% chain links %}", links=links)
    assert '<a href="/rapat/1/">MAD</a>' in html
    assert "<b" in html and html.count("<a ") == 1


def test_day_block_takes_the_day_it_is_in_wib():
    html = render("{% dayblock day %}", day=datetime(2026, 11, 23, 18, 0, tzinfo=UTC))
    assert 'datetime="2026-11-24"' in html
    assert "<span>Selasa</span><b>24</b><span>Nov</span>" in html


def test_curve_draws_plan_and_real_to_one_scale():
    html = curve.draw(PLAN, REAL, TODAY)
    plan = re.search(r'class="plan" d="M([^"]+)"', html)[1].split("L")
    real = re.search(r'class="real" d="M([^"]+)"', html)[1].split("L")
    top, bottom = curve.TOP, curve.HEIGHT - curve.BOTTOM
    half = curve.LEFT + (curve.WIDTH - curve.LEFT - 16) / 2
    assert plan == [
        f"{curve.LEFT}.0 {bottom}.0",
        f"{half} {bottom - 0.8 * (bottom - top):.1f}",
        f"{curve.WIDTH - 16}.0 {top}.0",
    ]
    assert real[-1] == f"{half} {bottom - 0.6 * (bottom - top):.1f}"


def test_curve_says_in_words_where_it_stands():
    html = curve.draw(PLAN, REAL, TODAY)
    assert "pekerjaan selesai 60%." in html and "80%." in html
    assert 'class="behind"' in html
    assert "nyata 60%" in html and "rencana 80%" in html


def test_the_number_of_the_plan_is_that_of_today_not_of_the_last_report():
    later = PLAN[-1][0]
    html = curve.draw(PLAN, REAL, later)
    assert "nyata 60%" in html and "rencana 100%" in html


def test_curve_of_a_project_ahead_is_not_tinted_brick():
    html = curve.draw(PLAN, [(PLAN[0][0], 0), (TODAY, 90)], TODAY)
    assert 'class="ahead"' in html and 'class="behind"' not in html


def test_curve_tints_each_stretch_by_its_own_side():
    real = [(PLAN[0][0], 0), (date(2026, 8, 31), 60), (TODAY, 60)]
    html = curve.draw(PLAN, real, TODAY)
    half = curve.LEFT + (curve.WIDTH - curve.LEFT - 16) / 2
    ahead = re.search(r'class="ahead" d="([^"]+)"', html)[1]
    behind = re.search(r'class="behind" d="([^"]+)"', html)[1]
    # The plan passes the 60% that stand still on day 45 of 60.
    crossing = curve.LEFT + (half - curve.LEFT) * 45 / 60
    assert max(numbers(r"[ML]([\d.]+) ", ahead)) == pytest.approx(crossing, abs=0.2)
    assert min(numbers(r"[ML]([\d.]+) ", behind)) == pytest.approx(crossing, abs=0.2)


def test_curve_without_reports_says_so():
    html = curve.draw(PLAN, [], TODAY)
    assert "Belum ada laporan kemajuan." in html
    assert 'class="real"' not in html
    assert render("{% curve plan real today %}", plan=[], real=[], today=TODAY) == ""


def test_curve_stands_a_plan_of_one_day_and_late_reports():
    day = PLAN[0][0]
    late = curve.draw([(day, 100)], [(day + timedelta(days=30), 50)], TODAY)
    assert 'class="real"' in late
    assert "nan" not in curve.draw([(day, 100)], [], TODAY)


@pytest.mark.parametrize("days", [0, 1, 20, 70, 90, 365, 1500])
def test_curve_never_writes_more_than_six_days_beneath(days):
    first = date(2026, 1, 15)
    assert 1 <= len(curve.ticks(first, first + timedelta(days=days))) <= 6


def test_value_between_two_points_lies_on_the_line():
    assert curve.value_on(PLAN, date(2026, 8, 31)) == 40
    assert curve.value_on(PLAN, date(2026, 7, 1)) == 0
    assert curve.value_on(PLAN, date(2027, 1, 1)) == 100


def test_what_people_typed_is_never_markup():
    name = "<b>#*_$&"
    safe = "&lt;b&gt;#*_$&amp;"
    assert safe in render("{% badge 'run' name %}", name=name)
    assert safe in render("{% chain c %}", c=[("rapat", name, "/")])
    steps = [{"label": name, "date": name, "state": "now"}]
    assert render("{% steps s %}", s=steps).count(safe) == 2
    rows = [{"label": name, "note": name, "amount": 1, "of": 2}]
    assert render("{% moneybars r %}", r=rows).count(safe) == 2


def test_drawings_carry_no_inline_style():
    html = (
        curve.draw(PLAN, REAL, TODAY)
        + render("{% progress 10 20 %}{% ceilingmeter 9 4 3 %}{% meter 1 2 3 %}")
        + render("{% stack a %}{% dayscale 1 2 3 True %}", a=[1, 2])
    )
    assert "style" not in html


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_silent_unless_it_has_a_label(name):
    assert 'aria-hidden="true"' in look.icon(name)
    assert 'role="img" aria-label="Hapus"' in look.icon(name, 16, "Hapus")


class Example(forms.Form):
    title = forms.CharField(label="Judul", help_text="Seperti di papan.")
    way = forms.ChoiceField(
        label="Cara", choices=[("m", "Mufakat")], widget=forms.RadioSelect
    )
    checked = forms.BooleanField(label="Sudah diperiksa")
    note = forms.CharField(label="Catatan", required=False)


def test_wrong_field_is_tied_to_its_sentence():
    html = str(Example({})["title"].as_field_group())
    described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert described == ["id_title_helptext", "id_title_error"]
    assert all(f'id="{name}"' in html for name in described)
    assert 'aria-invalid="true"' in html


def test_group_of_choices_has_a_legend_and_its_error():
    html = str(Example({})["way"].as_field_group())
    assert re.search(r'<fieldset[^>]*aria-describedby="id_way_error"', html)
    assert "<legend>Cara" in html
    assert 'id="id_way_error"' in html


def test_check_box_stands_inside_its_label():
    html = str(Example()["checked"].as_field_group())
    assert re.search(r'<label for="id_checked"><input type="checkbox"[^>]*>Sudah', html)
    assert html.count("<input") == 1


def test_only_fields_one_may_leave_empty_say_so():
    assert "boleh kosong" in str(Example()["note"].as_field_group())
    assert "boleh kosong" not in str(Example()["title"].as_field_group())


def test_error_summary_leads_to_every_wrong_field():
    form = Example({"title": "Talud"})
    html = render('{% include "parts/_form.html" %}', form=form)
    assert "2 isian perlu diperbaiki" in html
    for name in ("id_way", "id_checked"):
        assert f'href="#{name}"' in html
        assert f'id="{name}"' in html
    assert 'href="#id_title"' not in html


def page(path):
    context = {"request": RequestFactory().get(path), "user": AnonymousUser()}
    return render_to_string("base.html", context)


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("/", "Beranda"),
        ("/proyek/7/", "Proyek"),
        ("/rapat/", "Rapat"),
        ("/desa/besani/", "Desa"),
    ],
)
def test_tab_of_the_address_is_marked(path, tab):
    current = re.findall(
        r'<a href="[^"]*" aria-current="\w+">.*</svg>(\w+)', page(path)
    )
    assert current == [tab]


def test_stranger_page_carries_no_token_and_no_script():
    html = page("/proyek/")
    assert not re.search(r"csrf|nonce|<script|<form|style=| on\w+=", html)
    assert html.count("<style>") == 2 and html.count('rel="icon"') == 1
    assert "<img" not in html


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "413", "500"])
def test_error_page_stands_without_a_request(name):
    html = render_to_string(f"{name}.html", {"message": "Satu <kalimat>."})
    assert "Satu &lt;kalimat&gt;." in html
    assert html.count("<h1>") == 1
    assert 'class="button"' in html


STYLE = (settings.BASE_DIR / "static" / "css" / "portal.css").read_text()


def test_style_sheet_is_small_and_asks_for_nothing_else():
    assert len(gzip.compress(STYLE.encode())) < 9 * 1024
    assert not re.search(r"url\(|@import|@font-face", STYLE)


def luminance(colour):
    digits = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("ink-2", "paper", 4.5),
        ("ink-2", "sunk", 4.5),
        ("on-green", "green", 4.5),
        ("on-band", "band", 4.5),
        ("green-ink", "paper", 4.5),
        ("green-ink", "green-soft", 4.5),
        ("wait-ink", "wait-soft", 4.5),
        ("stop-ink", "stop-soft", 4.5),
        ("idle-ink", "idle-soft", 4.5),
        ("line-strong", "surface", 3),
        ("green-2", "idle-soft", 3),
    ],
)
def test_colours_stand_apart_in_both_themes(theme, text, ground, least):
    light, dark = STYLE.split("@layer base {")[0].split("prefers-color-scheme: dark")
    source = light if theme == "light" else dark
    tokens = dict(re.findall(r"--([\w-]+): #(\w+);", source))
    assert contrast(tokens[text], tokens[ground]) >= least
