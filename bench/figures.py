"""Figures, their limits, and the tables that show both."""

from statistics import median

# Of the pages, by what a page is: a list, one thing in detail, a person's work queue.
QUERIES = {"list": 8, "detail": 12, "queue": 12}
TIMES_FLOOR = {"list": 1.5, "detail": 2.0, "queue": 2.5}
SQL_AT_10, ALL_AT_100 = 1.1, 1.5
# Of a first visit, photos not counted, and of its first paint on slow 3G.
KILOBYTES, REQUESTS, AXE = 40, 5, 0
TIMES_BARE = 1.3
MEMORY = 1.3


def ratio(ours, theirs):
    """The median of how many times `theirs` is in `ours`, pair by pair.

    Each pair was measured at about the same time: what disturbed the one disturbed the
    other.
    """
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def judged(figures):
    """{(group, name, figure): (value, limit)} of all that has a limit."""
    found = {}
    for name, page in figures["pages"].items():
        limits = {
            "queries": QUERIES[page["kind"]],
            "kept_times_floor": TIMES_FLOOR[page["kind"]],
            "sql_at_10": SQL_AT_10,
            "all_at_100": ALL_AT_100,
        }
        for key, limit in limits.items():
            found["pages", name, key] = page[key], limit
    limits = {"kilobytes": KILOBYTES, "requests": REQUESTS, "axe": AXE}
    for name, visit in figures["visits"].items():
        for key, limit in limits.items():
            found["visits", name, key] = visit[key], limit
    for name, paint in figures["paints"].items():
        found["paints", name, "times_bare"] = paint["times_bare"], TIMES_BARE
    found["memory", "workers", "times_floor"] = figures["memory"]["times_floor"], MEMORY
    return found


def broken(figures):
    """A sentence for each limit that is exceeded."""
    return [
        f"{' '.join(where)}: {number(value)}, at most {number(limit)}"
        for where, (value, limit) in judged(figures).items()
        if value > limit
    ]


def number(value):
    """At most three digits, which is more than the figures hold."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def tables(figures):
    """Lines of markdown: ours beside the limit, bold where it is exceeded."""
    limits = judged(figures)

    def cell(*where):
        value, limit = limits[where]
        mark = "**" if value > limit else ""
        return f"{mark}{number(value)}{mark} / {number(limit)}"

    pages = ["page|queries|ms|requests/s|of it SQL|× floor|kept, ms".split("|")]
    pages[0] += "kept, requests/s|kept, × floor|SQL at 10×|all at 100×|KB".split("|")
    for name, page in figures["floor"].items():
        pages.append([f"floor: {name}", "1", *_costs(page), *[""] * 5, _kb(page)])
    for name, page in figures["pages"].items():
        queries, times, *grown = (
            cell("pages", name, key)
            for key in ("queries", "kept_times_floor", "sql_at_10", "all_at_100")
        )
        kept = [number(page[key]) for key in ("kept_milliseconds", "kept_a_second")]
        pages.append([name, queries, *_costs(page), *kept, times, *grown, _kb(page)])

    visits = [("first visit", "KB", "requests", "axe rules broken", "paint", "× bare")]
    for name in figures["visits"]:
        weights = [
            cell("visits", name, key) for key in ("kilobytes", "requests", "axe")
        ]
        seen = "", ""
        if paint := figures["paints"].get(name):
            seen = f"{paint['milliseconds']:.0f} ms", cell("paints", name, "times_bare")
        visits.append((name, *weights, *seen))

    memory = figures["memory"]
    return [
        *_lines(pages),
        "",
        *_lines(visits),
        "",
        f"Memory of {memory['workers']} workers: {memory['portal']:.0f} MB, "
        f"{cell('memory', 'workers', 'times_floor')} times the floor's "
        f"({memory['floor']:.0f} MB); a plain Django takes {memory['plain']:.0f} MB.",
    ]


def _costs(page):
    keys = ("milliseconds", "a_second", "sql_milliseconds", "times_floor")
    return [number(page[key]) for key in keys]


def _kb(page):
    return number(page["kilobytes"])


def _lines(rows):
    head, *body = rows
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)]
