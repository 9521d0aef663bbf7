"""A web server to be measured: started, asked, weighed and stopped."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from leksono_portal.run import processes

PORTAL = ("leksono_portal.settings", "leksono_portal.wsgi")
FLOOR = ("bench.floor.settings", "bench.floor.wsgi")
PLAIN = ("bench.floor.plain", "bench.floor.wsgi")
GRANIAN = "--interface wsgi --blocking-threads 1 --no-ws --log-level warning"


class Server:
    """`granian` as `make run` starts it, on a port of its own."""

    def __init__(self, kind, database, workers=1):
        settings, module = kind
        self.port = free_port()
        self.name = f"bench-{self.port}"
        self.database = database
        command = [sys.executable, "-m", "granian", *GRANIAN.split()]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", str(workers), f"{module}:application"]
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": f"{database}&application_name={self.name}",
            "SITE_URL": self.address,
        }
        self.process = subprocess.Popen(
            command, env=environment, start_new_session=True
        )
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def wait(self):
        """Until it listens."""
        while self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise RuntimeError(f"server {self.name} did not start")

    def get(self, path, cookie="", *, anew=True):
        """The bytes of the page as they go over the wire; a kept one if not `anew`."""
        headers = {"Accept-Encoding": "gzip"}
        headers |= {"Cookie": cookie} if cookie else {}
        headers |= {"Cache-Control": "no-cache"} if anew else {}
        self.line.request("GET", path, headers=headers)
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return body

    def processor(self):
        """Milliseconds the scheduler has given so far: (web processes, database)."""
        with psycopg.connect(self.database) as connection:
            backends = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s",
                [self.name],
            ).fetchall()
        web = processes.group(self.process.pid)
        return sum(map(_on_cpu, web)), sum(_on_cpu(pid) for (pid,) in backends)

    def memory(self):
        """Megabytes of all its processes; what they share is counted once."""
        return sum(map(_share, processes.group(self.process.pid)))

    def stop(self):
        self.line.close()
        processes.end_groups([self.process.pid])
        self.process.wait()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _on_cpu(pid):
    """Milliseconds that all threads of `pid` have run."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def _share(pid):
    """Megabytes of `pid`; of what it shares, its share (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3
