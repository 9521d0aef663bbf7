"""The villages of Kecamatan Leksono, from the small table of our own beside this file.

Codes and names follow Kepmendagri 300.2.2-2138/2025. Areas are measured on indicative
borders and are no official figures; a population is there only where one was found.
"""

import csv
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from villages.areas.models import District, Village

TABLE = Path(__file__).with_name("leksono.csv")
DISTRICT = {
    "code": "33.07.05",
    "name": "Leksono",
    "regency": "Kabupaten Wonosobo",
    "province": "Jawa Tengah",
}


@transaction.atomic
def load():
    """Add the district and villages that are missing and fill their empty figures.

    What the district admin wrote stays: a figure that is there is never replaced.
    """
    district, _ = District.objects.get_or_create(
        code=DISTRICT["code"], defaults=DISTRICT
    )
    known = {village.code: village for village in Village.objects.all()}
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            _load_village(district, known.get(row["code"]), row)


def _load_village(district, village, row):
    if village is None:
        village = Village(
            district=district,
            code=row["code"],
            slug=slugify(row["name"]),
            name=row["name"],
            kind=row["kind"],
        )
    filled = [name for name in ("postal_code", "area_km2") if _fill(village, row, name)]
    # A point and a count are each worth nothing in part.
    if village.latitude is None and village.longitude is None:
        filled += [
            name for name in ("latitude", "longitude") if _fill(village, row, name)
        ]
    if village.population is None and not village.population_source:
        names = ("population", "population_year", "population_source")
        filled += [name for name in names if _fill(village, row, name)]
    if filled or village.pk is None:
        village.full_clean(validate_unique=False)
        village.save()


def _fill(village, row, name):
    """Take `name` from the table where the village has nothing; True if it did."""
    if getattr(village, name) not in (None, "") or not row[name]:
        return False
    setattr(village, name, row[name])
    return True
