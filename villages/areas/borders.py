"""Reading village borders from a GeoJSON file that the operator names."""

import json
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from villages.areas.drawing import heavier, weights
from villages.areas.models import Border, Village

SMALLEST = 5e-9  # square degrees, about 60 m²: less than a small map can show
DIGITS = 5  # of a degree, about 1 m


class NotBorders(Exception):
    """The file holds no village borders we can read; says why in a sentence."""


@transaction.atomic
def load(text, *, code="code", source=""):
    """Keep the borders in the GeoJSON `text`; returns the villages they are of.

    For the server's own command line. code: the property with the Kemendagri code,
    with or without dots. Villages that the portal does not know are passed over; a
    border that is there is replaced. Raises NotBorders, and then nothing is kept.
    """
    known = {_digits(village.code): village for village in Village.objects.all()}
    found = {}
    for feature in _features(text):
        village = known.get(_digits((feature.get("properties") or {}).get(code)))
        if village:
            found[village] = found.get(village, []) + _rings(feature, village)
    if not found:
        raise NotBorders(
            _("Tidak ada desa portal ini yang kodenya cocok dengan kolom “%s”.") % code
        )
    for village, rings in found.items():
        Border.objects.update_or_create(
            village=village, defaults={"rings": rings, "source": source}
        )
    return list(found)


def _features(text):
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NotBorders(_("Berkas ini bukan JSON.")) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise NotBorders(_("Berkas ini bukan GeoJSON dengan daftar “features”."))
    return [feature for feature in features if isinstance(feature, dict)]


def _rings(feature, village):
    """The simplified rings of a Polygon or MultiPolygon; holes are rings as well."""
    geometry = feature.get("geometry") or {}
    polygons = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        polygons = [polygons]
    elif geometry.get("type") != "MultiPolygon":
        raise NotBorders(_("Batas %s bukan Polygon atau MultiPolygon.") % village)
    try:
        rings = [_ring(ring) for polygon in polygons for ring in polygon]
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise NotBorders(
            _("Koordinat batas %s tidak dapat dibaca.") % village
        ) from error
    if not any(rings):
        raise NotBorders(_("Batas %s terlalu kecil untuk digambar.") % village)
    return [ring for ring in rings if ring]


def _ring(points):
    """The closed ring in few points; nothing where it is too small to be seen."""
    ring = [(float(point[0]), float(point[1])) for point in points]
    for x, y in ring:
        if not (isfinite(x) and isfinite(y) and abs(x) <= 180 and abs(y) <= 90):
            raise ValueError
    if ring[0] != ring[-1]:
        raise ValueError
    thin = heavier(ring, weights(ring), SMALLEST)
    return (
        [[round(x, DIGITS), round(y, DIGITS)] for x, y in thin] if len(thin) > 3 else []
    )


def _digits(code):
    return "".join(sign for sign in str(code or "") if sign.isdigit())
