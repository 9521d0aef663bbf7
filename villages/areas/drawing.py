"""The map of the villages: outlines and label places, as numbers for an SVG.

From borders where they were loaded, else from the villages' points: then each has the
part of a disc that is nearer to its point than to any other's, with round corners, so
that nobody takes it for a border. Pure and remembered: the same places are drawn once.
"""

import json
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import cos, hypot, inf, pi, radians, sin
from statistics import median
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 800, 1100, 8  # units of the drawing; all are whole numbers
MOST_POINTS = 600  # over all outlines: what a page can carry
SMALLEST = 2  # the area with which a point is too small to be seen
CORNER = 34  # how far the corners of cells without border are rounded
LETTER, LINE = 18, 28  # about the width and height of the label's text


class Place(NamedTuple):
    """A village to draw: its point (degrees) and border (GeoJSON rings as text)."""

    pk: int
    name: str
    latitude: float | None
    longitude: float | None
    rings: str | None


class Shape(NamedTuple):
    path: str
    label: tuple[int, int] | None  # where the middle of its name goes, if it fits


class Drawing(NamedTuple):
    height: int
    shapes: dict[int, Shape]  # by the village's pk
    has_borders: bool


@lru_cache(maxsize=8)
def draw(places):
    """Draw `places` (a tuple of Place); those of which nothing is known are left out."""
    east = _shrink(places)
    bordered = {
        place.pk: [
            [(x * east, -y) for x, y in ring] for ring in json.loads(place.rings)
        ]
        for place in places
        if place.rings
    }
    points = {
        place.pk: (float(place.longitude) * east, -float(place.latitude))
        for place in places
        if not place.rings and place.latitude is not None
    }
    outlines = bordered | {pk: [ring] for pk, ring in _cells(points).items()}
    if not outlines:
        return Drawing(0, {}, False)
    outlines, height = _fitted(outlines)
    thin = _thinned({pk: outlines[pk] for pk in bordered})
    paths = {
        pk: "".join(map(_straight, thin[pk]))
        if pk in thin
        else "".join(map(_rounded, rings))
        for pk, rings in outlines.items()
    }
    labels = _labels(places, outlines, height)
    return Drawing(
        height,
        {pk: Shape(path, labels.get(pk)) for pk, path in paths.items()},
        bool(bordered),
    )


def _shrink(places):
    """How much shorter a degree to the east is than one to the north, here."""
    known = [float(p.latitude) for p in places if p.latitude is not None]
    return cos(radians(sum(known) / len(known))) if known else 1


def _fitted(outlines):
    """The outlines in units of the drawing, in its middle; and how high that is."""
    points = [p for rings in outlines.values() for ring in rings for p in ring]
    xs, ys = [x for x, y in points], [y for x, y in points]
    left, top = min(xs), min(ys)
    wide, high = max(xs) - left, max(ys) - top
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    shift = (WIDTH - wide * scale) / 2
    return {
        pk: [
            [((x - left) * scale + shift, (y - top) * scale + MARGIN) for x, y in ring]
            for ring in rings
        ]
        for pk, rings in outlines.items()
    }, round(high * scale) + 2 * MARGIN


# Borders ----------------------------------------------------------------------


def _thinned(outlines):
    """The outlines with the points that matter most, few enough for a page."""
    weighed = {
        pk: [(ring, weights(ring)) for ring in rings] for pk, rings in outlines.items()
    }
    found = sorted(
        (weight for rings in weighed.values() for _r, ws in rings for weight in ws),
        reverse=True,
    )
    least = max([SMALLEST, *found[MOST_POINTS : MOST_POINTS + 1]])
    return {
        pk: [thin for ring, ws in rings if len(thin := heavier(ring, ws, least)) > 3]
        or [heavier(*rings[0], sorted(rings[0][1])[-5:][0])]
        for pk, rings in weighed.items()
    }


def heavier(ring, weights, least):
    """The points of `ring` that weigh `least` or more."""
    return [
        point for point, weight in zip(ring, weights, strict=True) if weight >= least
    ]


def weights(ring):
    """For each point of the closed `ring` how much of the shape goes with it.

    Visvalingam: the area between the point and its neighbours, when those that
    matter less are gone. The first and last point, which are one, stay for ever.
    """
    end = len(ring) - 1
    before, after = list(range(-1, end)), list(range(1, end + 2))

    def area(n):
        (ax, ay), (bx, by), (cx, cy) = ring[before[n]], ring[n], ring[after[n]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    current = {n: area(n) for n in range(1, end)}
    heap = [(weight, n) for n, weight in current.items()]
    heapify(heap)
    found, highest = [inf] * len(ring), 0
    while heap:
        weight, n = heappop(heap)
        if current.get(n) != weight:
            continue  # gone, or weighed anew since
        found[n] = highest = max(highest, weight)
        del current[n]
        after[before[n]], before[after[n]] = after[n], before[n]
        for neighbour in (before[n], after[n]):
            if neighbour in current:
                current[neighbour] = area(neighbour)
                heappush(heap, (current[neighbour], neighbour))
    return found


def _straight(ring):
    """SVG path of a closed ring, in steps: shorter than places."""
    whole = [(round(x), round(y)) for x, y in ring]
    steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(whole[:-1])]
    words = "".join(f"{dx}{dy:+d} " for dx, dy in steps if dx or dy)
    return f"M{whole[0][0]} {whole[0][1]}l{words.strip()}z"


# Cells around points ------------------------------------------------------------


def _cells(points):
    """For each point the part of a disc around it that is nearest to it, by pk."""
    if not points:
        return {}
    nearest = [
        min(hypot(x - a, y - b) for n, (a, b) in points.items() if n != pk)
        for pk, (x, y) in points.items()
        if len(points) > 1
    ]
    radius = (median(nearest) if nearest else 0) or 0.01
    return {pk: _cell(pk, points, radius) for pk in points}


def _cell(pk, points, radius):
    x, y = points[pk]
    turns = [2 * pi * n / 18 for n in range(18)]
    cell = [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns]
    for other, (a, b) in points.items():
        if other != pk and (a, b) != (x, y):
            cell = _nearer(cell, (x, y), (a, b))
    return [*cell, cell[0]]


def _nearer(cell, own, other):
    """What of the convex `cell` is nearer to `own` than to `other`."""
    (x, y), (a, b) = own, other

    def side(point):
        return (point[0] - (x + a) / 2) * (a - x) + (point[1] - (y + b) / 2) * (b - y)

    kept = []
    for start, end in pairwise([*cell, cell[0]]):
        s, e = side(start), side(end)
        if s <= 0:
            kept.append(start)
        if s * e < 0:
            t = s / (s - e)
            kept.append(
                (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1]))
            )
    return kept


def _rounded(ring):
    """SVG path of a closed ring whose corners are rounded."""
    words, corners = [], ring[:-1]
    for n, (x, y) in enumerate(corners):
        before, after = corners[n - 1], corners[(n + 1) % len(corners)]
        (ax, ay), (bx, by) = _towards((x, y), before), _towards((x, y), after)
        words.append(
            f"{'L' if words else 'M'}{ax} {ay}Q{round(x)} {round(y)} {bx} {by}"
        )
    return "".join(words) + "z"


def _towards(corner, other):
    (x, y), (a, b) = corner, other
    length = hypot(a - x, b - y) or 1
    part = min(CORNER, length / 2) / length
    return round(x + (a - x) * part), round(y + (b - y) * part)


# Labels -------------------------------------------------------------------------


def _labels(places, outlines, height):
    """Where names go: inside where there is room, never over one another."""
    wanted = []
    for place in places:
        if place.pk in outlines:
            half = max(len(place.name), 4) * LETTER / 2
            spots = _spots(outlines[place.pk], half)
            wanted.append((spots[0][0], place.pk, half, spots))
    taken, found = [], {}
    # Who has least room chooses first.
    for _room, pk, half, spots in sorted(wanted, key=lambda row: row[:2]):
        for _room, x, y in spots:
            x = min(max(x, half), WIDTH - half)
            y = min(max(y, LINE), height - LINE)
            if all(
                abs(x - a) >= half + h or abs(y - b) >= 2 * LINE for a, b, h in taken
            ):
                taken.append((x, y, half))
                found[pk] = (round(x), round(y))
                break
    return found


def _spots(rings, half):
    """(room, x, y) of places for a label `half` wide to each side, best first.

    room: the part of the label that lies inside.
    """
    ring = max(
        rings, key=lambda ring: max(y for x, y in ring) - min(y for x, y in ring)
    )
    top, bottom = min(y for x, y in ring), max(y for x, y in ring)
    middle = (top + bottom) / 2
    found = []
    for n in range(1, 24):
        y = top + (bottom - top) * n / 24
        rows = [_spans(ring, y + shift) for shift in (-LINE * 0.8, 0, LINE * 0.8)]
        for left, right in rows[1]:
            for x in (
                (left + right) / 2,
                left + (right - left) * 0.35,
                left + (right - left) * 0.65,
            ):
                room = min(
                    max((min(x - a, b - x) for a, b in row if a <= x <= b), default=0)
                    for row in rows
                )
                off = abs(y - middle) / (bottom - top) * 0.2
                found.append((round(min(room / half, 1) - off, 3), x, y))
    return sorted(found, reverse=True) or [(0, *ring[0])]


def _spans(ring, y):
    """The pieces of the line at height `y` that lie inside of `ring`."""
    crossings = sorted(
        ax + (y - ay) * (bx - ax) / (by - ay)
        for (ax, ay), (bx, by) in pairwise(ring)
        if (ay <= y) != (by <= y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))
