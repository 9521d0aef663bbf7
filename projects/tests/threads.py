"""Two at once, with real threads on PostgreSQL."""

from collections import Counter
from threading import Barrier, Thread

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from leksono_portal.kit.errors import Stale

REFUSED = (PermissionDenied, Stale, ValidationError)


def together(*jobs):
    """Run `jobs` at once, each on its own connection; how each ended, counted.

    Threads wait for each other after they have connected: otherwise the time to
    connect hides the race.
    """
    barrier = Barrier(len(jobs))
    ends = []

    def run(job):
        try:
            connection.ensure_connection()
            barrier.wait(30)
            job()
            ends.append("done")
        except REFUSED as refusal:
            ends.append(type(refusal).__name__)
        except Exception as error:
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)
