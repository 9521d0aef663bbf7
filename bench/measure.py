"""All figures of the bench, each taken in turn with the floor's."""

import sys
import time
from statistics import median

from bench import browser, data
from bench.figures import ratio
from bench.servers import FLOOR, PLAIN, PORTAL, Server

ROUNDS, TIMES, WARM = 15, 4, 3
LEAST, SECONDS = 3, 75  # rounds at least; no new one after these seconds
WORKERS, ASKED = 3, 150  # for the memory: processes, and requests of all pages
PAINTS = 5


def say(text):
    print(text, file=sys.stderr, flush=True)


def everything(stack, cluster):
    """All figures as `figures` reads them; `stack` stops what was started."""
    say("Making the data ...")
    stack.callback(data.drop, cluster)
    made = data.make(cluster)
    urls = {size: cluster.url(database=name) for size, name in data.SIZES.items()}

    def serve(kind, size=1, workers=1):
        server = Server(kind, urls[size], workers)
        stack.callback(server.stop)
        server.wait()
        return server

    say("Processor time ...")
    floor, ours = serve(FLOOR), {size: serve(PORTAL, size) for size in urls}
    figures = processor_time(floor, ours, made)
    for name, queries in made.queries().items():
        figures["pages"][name]["queries"] = queries
    say("In the browser ...")
    figures |= visits(ours[1].address, made)
    for server in (floor, *ours.values()):
        server.stop()
    say("Memory ...")
    return figures | {"memory": memory(serve, made)}


def processor_time(floor, ours, made):
    """{"floor": .., "pages": ..}: the figures of each page."""
    asked = {("list", 1): (floor, "/", "", True)}
    asked["detail", 1] = (floor, f"/{made.project}/", "", True)
    for name, page in made.pages.items():
        for size, server in ours.items():
            asked[name, size] = (server, page.at(size), page.cookie, True)
        asked[name, "kept"] = (ours[1], page.at(1), page.cookie, False)
    weights, spent = _in_turn(asked)
    whole = {
        case: [web + sql for web, sql, _ in turns] for case, turns in spent.items()
    }
    sql = {case: [sql for _web, sql, _ in turns] for case, turns in spent.items()}

    def a_second(case):
        return 1000 / median(wall for _web, _sql, wall in spent[case])

    def figures(name):
        return {
            "kilobytes": weights[name, 1] / 1e3,
            "milliseconds": median(whole[name, 1]),
            "a_second": a_second((name, 1)),
            "sql_milliseconds": median(sql[name, 1]),
            "times_floor": ratio(whole[name, 1], whole["list", 1]),
        }

    pages = {}
    for name, page in made.pages.items():
        pages[name] = figures(name) | {
            "kind": page.kind,
            "kept_milliseconds": median(whole[name, "kept"]),
            "kept_a_second": a_second((name, "kept")),
            "kept_times_floor": ratio(whole[name, "kept"], whole["list", 1]),
            "sql_at_10": ratio(sql[name, 10], sql[name, 1]),
            "sql_at_100": ratio(sql[name, 100], sql[name, 1]),
            "all_at_100": ratio(whole[name, 100], whole[name, 1]),
        }
    return {
        "floor": {name: figures(name) for name in ("list", "detail")},
        "pages": pages,
    }


def _in_turn(asked):
    """({case: bytes}, {case: [(web, database, wall ms) of a request, each round]})."""
    weights = {case: len(_ask(*page, times=WARM)) for case, page in asked.items()}
    spent = {case: [] for case in asked}
    began = time.monotonic()
    for number in range(ROUNDS):
        if number >= LEAST and time.monotonic() - began > SECONDS:
            break
        for case, page in asked.items():
            _ask(*page, times=2)  # awake again after the others' turns
            before = page[0].processor()
            started = time.perf_counter()
            _ask(*page, times=TIMES)
            wall = (time.perf_counter() - started) * 1000
            used = [b - a for a, b in zip(before, page[0].processor(), strict=True)]
            spent[case].append([figure / TIMES for figure in (*used, wall)])
    return weights, spent


def _ask(server, path, cookie, anew, *, times):
    """The last of the answers; on a fresh line, as an idle one may have been closed."""
    server.line.close()
    for _ in range(times):
        body = server.get(path, cookie, anew=anew)
    return body


def visits(address, made):
    """First visits of all public pages, and how soon three of them show something."""
    public = {name: page.at(1) for name, page in made.pages.items() if not page.cookie}
    found, paints = {}, {}
    with browser.chromium() as chromium, browser.bare() as bare:
        for name, path in public.items():
            visit = browser.first_visit(chromium, address + path)
            found[name] = dict(
                zip(("kilobytes", "requests", "axe"), visit, strict=True)
            )
        for name in ("front", "projects", "project"):
            ours = address + public[name]
            theirs = bare(public[name], browser.text_of(chromium, ours))
            turns = [
                [browser.first_paint(chromium, page) for page in (ours, theirs)]
                for _ in range(PAINTS)
            ]
            one, other = zip(*turns, strict=True)
            paints[name] = {
                "milliseconds": median(one),
                "bare_milliseconds": median(other),
                "times_bare": ratio(one, other),
            }
    return {"visits": found, "paints": paints}


def memory(serve, made):
    """Megabytes of the workers after each was asked for every page, many times."""
    floor = [("/", ""), (f"/{made.project}/", "")]
    ours = [(page.at(1), page.cookie) for page in made.pages.values()]
    asked = {"portal": (PORTAL, ours), "floor": (FLOOR, floor), "plain": (PLAIN, floor)}
    found = {"workers": WORKERS}
    for name, (kind, pages) in asked.items():
        server = serve(kind, workers=WORKERS)
        for path, cookie in pages * (ASKED // len(pages)):
            _ask(
                server, path, cookie, True, times=1
            )  # another worker may take the next
        found[name] = server.memory()
        server.stop()
    return found | {"times_floor": found["portal"] / found["floor"]}
