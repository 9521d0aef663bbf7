import hashlib
import re
from pathlib import Path

import pytest

from bench.figures import broken, ratio, tables

BENCH = Path(__file__).parents[1]


def figures(**changes):
    """Figures that keep every limit, but for `changes` of the page, visit and paint."""
    page = {"kind": "list", "queries": 8, "kilobytes": 9, "milliseconds": 15.0}
    page |= {"sql_milliseconds": 3.0, "times_floor": 1.5, "sql_at_10": 1.1}
    page |= {"all_at_100": 1.5, "kept_milliseconds": 5.0, "kept_times_floor": 1.5}
    page |= {"a_second": 60.0, "kept_a_second": 190.0}
    visit = {"kilobytes": 40, "requests": 5, "axe": 0}
    paint = {"milliseconds": 1300.0, "times_bare": 1.3}
    memory = {"workers": 3, "portal": 130.0, "floor": 100.0, "times_floor": 1.3}
    memory |= {"plain": 80.0}
    for part in (page, visit, paint):
        part |= {name: changes[name] for name in changes if name in part}
    return {
        "floor": {"list": page | {"times_floor": 1.0}},
        "pages": {"projects": page},
        "visits": {"projects": visit},
        "paints": {"projects": paint},
        "memory": memory,
    }


def test_a_ratio_is_the_middle_one_of_the_pairs():
    assert ratio([2.0, 30.0, 6.0], [1.0, 10.0, 1.0]) == 3.0


def test_what_stands_at_its_limit_keeps_it():
    assert broken(figures()) == []


@pytest.mark.parametrize(
    "name, value",
    [
        ("queries", 9),
        ("kept_times_floor", 1.51),
        ("sql_at_10", 1.2),
        ("all_at_100", 1.6),
        ("requests", 6),
        ("axe", 1),
        ("times_bare", 1.31),
    ],
)
def test_what_is_over_its_limit_is_named_and_bold(name, value):
    over = figures(**{name: value})
    [sentence] = broken(over)
    assert f"projects {name}: {value}, at most" in sentence
    assert f"**{value}** / " in "\n".join(tables(over))


def test_a_detail_page_may_cost_more_than_a_list():
    assert broken(figures(kind="detail", kept_times_floor=2.0, queries=12)) == []


def test_the_floor_changes_only_with_a_note():
    floor = hashlib.sha256()
    for path in sorted((BENCH / "floor").rglob("*")):
        if path.suffix in (".py", ".html"):
            floor.update(path.read_bytes())
    noted = re.findall(r"`([0-9a-f]{64})`", (BENCH / "README.md").read_text())
    assert floor.hexdigest() == noted[-1]
