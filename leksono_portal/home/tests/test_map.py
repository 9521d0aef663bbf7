"""The map of the villages: what is drawn, from what, and what it costs."""

import gzip
import json
import re
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.tests.make import make_project, running_project
from villages.areas import borders, drawing, maps, reference
from villages.models import Border, Village
from villages.tests.make import make_village

# Real borders, beside the project where there are any; they are not ours to ship.
BORDERS = settings.BASE_DIR.parent / "shared/data/leksono_boundaries.geojson"


def square(left, bottom, size=0.02):
    right, top = left + size, bottom + size
    return [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]


def feature(code, *rings, kind="Polygon", name="code"):
    geometry = {"type": kind, "coordinates": list(rings)}
    return {"type": "Feature", "properties": {name: code}, "geometry": geometry}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features})


def ragged(number):
    """A ring of 3,000 points that no simplification can make short at once."""
    points = [[109.8 + n / 1e5, -7.4 + (n % 2) * number / 1e3] for n in range(3000)]
    return [*points, [109.83, -7.5], points[0]]


def svg_of(client, address="/"):
    page = client.get(address).content.decode()
    return ElementTree.fromstring(re.search(r"<svg viewBox.*?</svg>", page, re.S)[0])


def overlapping(labels):
    half = {name: max(len(name), 4) * drawing.LETTER / 2 for name in labels}
    return [
        (one, two)
        for one, (x, y) in labels.items()
        for two, (a, b) in labels.items()
        if one < two and abs(x - a) < half[one] + half[two] - 1 and abs(y - b) < 55
    ]


# What is drawn ------------------------------------------------------------------


def test_every_village_of_the_table_is_drawn_and_named_from_its_point(db):
    reference.load()
    found = maps.of_running()
    assert len(found.rows) == 14 and not found.unplaced and not found.has_borders
    labels = {village.name: shape.label for village, shape, _tint in found.rows}
    assert None not in labels.values() and overlapping(labels) == []


def test_a_cell_holds_its_own_point_and_no_other(db):
    points = {n: (n % 4 * 3.0, n // 4 * 2.0 + n % 3 * 0.3) for n in range(12)}
    for pk, ring in drawing._cells(points).items():
        inside = {
            other
            for other, (x, y) in points.items()
            if any(a < x < b for a, b in drawing._spans(ring, y))
        }
        assert inside == {pk}


def test_the_tint_counts_running_projects_led_and_joined(cast, client):
    reference.load()
    Village.objects.filter(pk=cast.besani.pk).update(latitude="-7.4", longitude="109.8")
    for n in range(4):
        running_project(title=f"Jalan {n}", partner_villages=[cast.timbang])
    make_project(title="Belum jalan", partner_villages=[cast.leksono])
    tints = {v.slug: (v.running, tint) for v, _shape, tint in maps.of_running().rows}
    assert tints["besani"] == tints["timbang"] == (4, 3)
    assert tints["leksono"] == tints["manggis"] == (0, 0)
    words = [a.get("aria-label") for a in svg_of(client).iter("a")]
    assert "Desa Besani, 4 proyek berjalan" in words
    assert "Kelurahan Leksono, 0 proyek berjalan" in words


def test_the_map_is_a_list_of_links_to_the_villages(db, client):
    reference.load()
    svg = svg_of(client)
    links = [a.get("href") for a in svg.iter("a")]
    assert svg.get("role") == "list"
    assert len([g for g in svg.iter("g") if g.get("role") == "listitem"]) == 14
    assert sorted(links) == sorted(v.get_absolute_url() for v in Village.objects.all())


def test_a_village_without_point_and_border_is_named_beside_the_map(db, client):
    reference.load()
    make_village(Village.objects.first().district, "Tanpa Titik", number=2099)
    page = client.get("/").content.decode()
    assert re.search(r'Belum ada di peta:\s*<a href="/desa/tanpa-titik/">', page)


def test_a_portal_without_any_point_has_no_map(cast, client):
    assert '<svg viewBox="0 0 800' not in client.get("/").content.decode()


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_villages_make_a_map_as_well(cast, n):
    for number, village in enumerate([cast.besani, cast.timbang][:n]):
        village.latitude, village.longitude = "-7.4", f"109.8{number}"
        village.save()
    assert len(maps.of_running().rows) == n


def test_two_villages_on_one_point_do_not_break_the_map(cast):
    Village.objects.update(latitude="-7.4", longitude="109.8")
    assert len(maps.of_running().rows) == Village.objects.count()


def test_a_project_shows_its_villages_among_those_of_its_district(cast, client):
    reference.load()
    Village.objects.update(latitude="-7.4", longitude="109.8")
    project = make_project(partner_villages=[cast.timbang])
    page = client.get(project.get_absolute_url())
    tints = {v.slug: tint for v, _shape, tint in page.context["map"].rows}
    assert (tints["besani"], tints["timbang"], tints["leksono"]) == (3, 2, 0)
    assert cast.far.slug not in tints
    assert "bukan batas wilayah" in page.content.decode()


# Borders ------------------------------------------------------------------------


def test_borders_are_matched_by_code_with_or_without_dots(cast, client):
    borders.load(
        collection(
            feature("33.07.05.2005", square(109.80, -7.40)),
            feature("3307052011", [square(109.82, -7.40)], kind="MultiPolygon"),
            feature("99.99.99.9999", square(100.0, 0.0)),
            feature(None, square(100.0, 0.0)),
        ),
        source="Contoh",
    )
    assert {b.village.slug for b in Border.objects.all()} == {"besani", "timbang"}
    page = client.get("/").content.decode()
    assert "Batas bersifat indikatif, bukan batas hukum." in page
    assert "Sumber: Contoh." in page


def test_parts_of_one_village_in_several_features_are_joined(cast):
    code = cast.besani.code
    borders.load(
        collection(
            feature(code, square(109.80, -7.40)), feature(code, square(109.90, -7.40))
        ),
    )
    assert len(Border.objects.get().rings) == 2


def test_loading_again_replaces(cast, tmp_path, capsys):
    file = tmp_path / "batas.geojson"
    for left in (109.80, 109.90):
        file.write_text(
            "\ufeff"
            + collection(feature("33.07.05.2005", square(left, -7.4), name="k"))
        )
        call_command("load_borders", str(file), code="k")
    assert Border.objects.get().rings[0][0][0] == 109.9
    assert "1 desa" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "bukan JSON"),
        ("[]", "bukan GeoJSON"),
        ('{"features": 3}', "bukan GeoJSON"),
        (collection(), "tidak ada desa"),
        (collection(feature("33.07.05.2099", square(109.8, -7.4))), "tidak ada desa"),
        (collection(feature("33.07.05.2005", [], kind="Point")), "bukan polygon"),
        (collection(feature("33.07.05.2005", [["a", 1]] * 4)), "tidak dapat dibaca"),
        (collection(feature("33.07.05.2005", [[1]] * 4)), "tidak dapat dibaca"),
        (collection(feature("33.07.05.2005", [])), "tidak dapat dibaca"),
        (collection(feature("33.07.05.2005", 7)), "tidak dapat dibaca"),
        (
            collection(feature("33.07.05.2005", square(109.8, -7.4)[:4])),
            "tidak dapat dibaca",
        ),
        (
            collection(feature("33.07.05.2005", square(333333.0, 9222222.0))),
            "tidak dapat dibaca",
        ),
        (
            collection(feature("33.07.05.2005", square(109.8, -7.4, 1e-6))),
            "terlalu kecil",
        ),
    ],
)
def test_what_is_no_border_is_refused_with_a_sentence_and_nothing_kept(
    cast, tmp_path, text, words
):
    file = tmp_path / "batas.geojson"
    good = feature("33.07.05.2011", square(109.8, -7.4))
    if '"features": [{' in text:
        text = text.replace('"features": [', f'"features": [{json.dumps(good)}, ')
    file.write_text(text)
    if "2099" in text:
        file.write_text(text.replace("33.07.05.2011", "33.07.05.2098"))
    with pytest.raises(CommandError, match=f"(?i){words}"):
        call_command("load_borders", str(file))
    assert not Border.objects.exists()


def test_a_file_that_is_not_there_is_said(db):
    with pytest.raises(CommandError, match="tidak dapat dibaca"):
        call_command("load_borders", "/tidak/ada.geojson")


def test_a_drawing_stays_small_however_fine_the_borders(cast):
    codes = (cast.besani.code, cast.timbang.code, cast.leksono.code)
    found = [feature(code, ragged(n)) for n, code in enumerate(codes, 5)]
    borders.load(collection(*found))
    paths = [shape.path for _v, shape, _t in maps.of_running().rows]
    assert sum(map(len, paths)) < 8_000 and all(len(path) > 20 for path in paths)


def test_the_front_page_with_the_real_borders_is_small(db, client):
    if not BORDERS.exists():
        print(f"{BORDERS} is not here, so its real borders were not measured.")
        return
    reference.load()
    call_command("load_borders", str(BORDERS))
    page = client.get("/").content
    assert page.count(b"listitem") == 14
    assert len(page) < 60_000 and len(gzip.compress(page)) < 15_000
    labels = {v.name: shape.label for v, shape, _t in maps.of_running().rows}
    assert None not in labels.values() and overlapping(labels) == []


def test_a_map_is_one_query_and_drawn_once(db):
    reference.load()
    drawing.draw.cache_clear()
    for _turn in range(2):
        with CaptureQueriesContext(connection) as asked:
            maps.of_running([])
        assert len(asked) == 1
    assert drawing.draw.cache_info().hits == 1


def test_a_changed_point_changes_the_map_at_once(db):
    reference.load()
    before = {v.slug: shape.path for v, shape, _t in maps.of_running().rows}
    Village.objects.filter(slug="besani").update(latitude="-7.4200")
    after = {v.slug: shape.path for v, shape, _t in maps.of_running().rows}
    assert before["besani"] != after["besani"]


def test_the_web_role_may_not_empty_the_borders(as_web_role):
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute("TRUNCATE villages_border")
