"""What pages show as a map: the villages' shapes with what each is to say."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from villages.areas import drawing
from villages.areas.models import Village

MOST = 3  # the deepest tint: this many or more
DRAWN = ("id", "name", "slug", "kind", "latitude", "longitude")


@dataclass(frozen=True)
class Map:
    """rows: (village, shape, tint) of those drawn; unplaced: the others."""

    height: int
    rows: list
    unplaced: list
    has_borders: bool
    source: str

    @property
    def taking_part(self):
        """The villages that take part in the project this map is of."""
        villages = [village for village, _shape, _tint in self.rows] + self.unplaced
        return sorted(
            (village for village in villages if village.takes_part),
            key=lambda village: (village.name, village.pk),
        )


def with_running(villages, counts=None):
    """`villages`, each with `running`: how many running projects it leads or joins.

    counts: what `Village.objects.running()` finds, where the caller has it already.
    """
    running = Counter()
    for village, n in Village.objects.running() if counts is None else counts:
        running[village] += n
    for village in villages:
        village.running = running[village.pk]
    return villages


def of_running(counts=None):
    """All villages, tinted by their running projects; `counts` as `with_running`."""
    villages = with_running(Village.objects.with_border(), counts)
    for village in villages:
        village.told = _("%(name)s, %(n)d proyek berjalan") % {
            "name": village.full_name,
            "n": village.running,
        }
    return _map(villages, lambda village: min(village.running, MOST))


def of_project(places, lead):
    """The villages of `places` (rows of `as_json`): deepest `lead`, then those that
    take part, then the rest of the district."""
    villages = []
    for place in places:
        village = Village(**{name: place[name] for name in DRAWN})
        village.rings, village.source = place["rings"], place["source"]
        village.takes_part = place["takes_part"]
        villages.append(village)

    def tint(village):
        return MOST if village.pk == lead.pk else 2 if village.takes_part else 0

    return _map(villages, tint)


def as_json(villages, *, takes_part):
    """What a map needs of `villages`, to be read along with another row.

    takes_part: an expression, whether a village is one of those that matter.
    """
    return (
        villages.with_border()
        .order_by("name", "code")
        .values(
            place=JSONObject(
                **{name: F(name) for name in (*DRAWN, "rings", "source")},
                takes_part=takes_part,
            )
        )
    )


def _map(villages, tint):
    drawn = drawing.draw(
        tuple(
            drawing.Place(
                village.pk,
                village.name,
                _number(village.latitude),
                _number(village.longitude),
                village.rings,
            )
            for village in villages
        )
    )
    return Map(
        height=drawn.height,
        rows=[
            (village, drawn.shapes[village.pk], tint(village))
            for village in villages
            if village.pk in drawn.shapes
        ],
        unplaced=[village for village in villages if village.pk not in drawn.shapes],
        has_borders=drawn.has_borders,
        source=next((village.source for village in villages if village.source), ""),
    )


def _number(degrees):
    return None if degrees is None else float(degrees)
