"""Several deeds at once: real threads on real connections, let go by a barrier."""

from threading import Barrier, Thread

from django.db import connection


def at_once(*deeds):
    """Run `deeds` together; what each returned or raised, in order."""
    barrier = Barrier(len(deeds))
    outcomes = [None] * len(deeds)

    def run(number, deed):
        try:
            connection.ensure_connection()
            barrier.wait()
            outcomes[number] = deed()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
