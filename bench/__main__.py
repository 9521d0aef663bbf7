"""`make bench`: what the pages cost, as ratios to a bare Django view.

Prints tables for the README, saves all figures in bench/results.json, and ends with 1
where a limit is exceeded. Only ratios are held against limits: both sides are measured
in turn, so that a busy machine disturbs both alike.
"""

import json
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench import measure
from bench.figures import broken, tables
from leksono_portal.run import env, postgres

RESULTS = Path(__file__).with_name("results.json")


def main():
    began = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    with ExitStack() as stack:
        cluster = postgres.ensure(env.BASE / ".pgbench", test=True)
        stack.callback(cluster.release)
        figures = measure.everything(stack, cluster)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print("\n".join(tables(figures)))
    measure.say(f"{time.monotonic() - began:.0f} s; all figures are in {RESULTS}")
    for sentence in broken(figures):
        measure.say(f"OVER THE LIMIT: {sentence}")
    return 1 if broken(figures) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except postgres.PostgresError as error:
        sys.exit(str(error))
