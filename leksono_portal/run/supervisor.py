"""One parent over the processes of a portal: starts, watches, restarts, stops them.

`.run/lock` is locked by the kernel for as long as the parent lives, `.run/state.json`
says what it started. So the next start knows whether a portal is running, and can end
what a killed parent left.
"""

import fcntl
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from . import processes

LOOK = 0.4  # seconds between two looks at the children
PATIENCE = 20  # seconds a running portal may be silent before it is replaced
LONGEST_PAUSE = 30  # seconds before a child that keeps failing is tried again
STEADY = 60  # seconds after which a child counts as healthy again


class Refused(Exception):
    """A sentence for the person at the keyboard; the portal does not start."""


class Stopped(Exception):
    """We were asked to stop while still preparing."""


class Child:
    def __init__(self, name, command, env):
        self.name, self.command, self.env = name, command, env
        self.process = None
        self.failures = 0
        self.started = self.due = 0.0


class Supervisor:
    def __init__(self, base, port, *, database=None):
        """`database` has ensure(), is_ready() and stop(), or is None if not ours."""
        self.base, self.port, self.database = Path(base), port, database
        self.folder = self.base / ".run"
        self.address = f"http://127.0.0.1:{port}"
        self.mark = f"LEKSONO_RUN={secrets.token_hex(8)}"
        self.parent = os.getppid()
        # Read once: a parent that died since would look like one that never was.
        self.born_of = _identity(self.parent)
        self.environment = {}  # what manage.py needs to reach this portal's data
        self.phase = "starting"
        self.children = []
        self.asked_to_stop = False
        self.lock = None
        self.next_heal = 0.0

    # Being the only one -------------------------------------------------------

    def claim(self):
        """Become the one parent of this folder and end a killed one's leftovers.

        False when a healthy portal is running already.
        """
        self.folder.mkdir(exist_ok=True)
        patience = time.monotonic() + PATIENCE
        while not self._lock():
            other = self._recorded()
            if not other or not processes.is_same(*other["runner"]):
                pass  # it is only just starting, or just ending
            elif is_orphaned(other):
                say("Portal lama kehilangan induknya; diambil alih.")
                self._end_runner(other)
            elif other["phase"] == "running" and answers(other["address"]):
                say(f"Portal sudah berjalan di {other['address']}")
                say(f"Hentikan dengan Ctrl+C di sana, atau: kill {other['runner'][0]}")
                return False
            elif time.monotonic() > patience:
                if other["phase"] == "running":
                    say("Portal lama tidak menjawab; diganti.")
                    self._end_runner(other)
                else:
                    say(f"Portal sedang disiapkan proses {other['runner'][0]} …")
                    patience = time.monotonic() + 60
            time.sleep(0.2)
        if left := self._recorded():
            processes.end_recorded(left["children"], left["mark"])
        self._record()
        return True

    def check_port(self):
        """Refuse, naming the program, when somebody else's listens on our port."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
                return
            except PermissionError:
                reason = "hanya boleh dipakai root"
            except OSError:
                reason = "dipakai program lain"
                if holder := processes.port_holder(self.port):
                    reason += f": {holder[1][:100]} (proses {holder[0]})"
        other = self.port + 1 if self.port >= 1024 else 8000
        raise Refused(
            f"Port {self.port} {reason}. Pilih port lain: make run PORT={other}"
        )

    # Working ------------------------------------------------------------------

    def listen(self):
        """From now on a signal asks to stop instead of killing us."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._on_signal)

    def must_stop(self):
        return self.asked_to_stop or os.getppid() != self.parent

    def step(self, name, command, env):
        """Run a command to its end; Refused if it fails, Stopped if we must stop."""
        child = Child(name, command, env)
        self._start(child)
        self.children.append(child)
        self._record()
        while child.process.poll() is None:
            if self.must_stop():
                raise Stopped
            time.sleep(0.05)
        self.children.remove(child)
        if child.process.returncode < 0:
            number = -child.process.returncode
            raise Refused(f"Gagal: {name}; prosesnya dimatikan (sinyal {number}).")
        if child.process.returncode:
            raise Refused(f"Gagal: {name}. Sebabnya tertulis di atas.")

    def add(self, name, command, env):
        child = Child(name, command, env)
        self.children.append(child)
        self._start(child)
        self._record()

    def watch(self, announce):
        """Keep everything alive until we must stop; `announce` once the web answers."""
        give_up = time.monotonic() + 60
        while not self.must_stop():
            self._look_after_database()
            for child in self.children:
                self._look_after(child)
            if self.phase == "starting":
                if answered := answers(self.address):
                    announce()
                elif time.monotonic() > give_up:
                    say("Web belum juga menjawab; lihat pesan di atas.")
                if answered or time.monotonic() > give_up:
                    self.phase = "running"
                    self._record()
            time.sleep(LOOK)
        if not self.asked_to_stop:
            say("Induk proses ini sudah tidak ada; portal dihentikan.")

    def stop(self):
        """End the children together, then the database; forget what was recorded."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes.end_groups([c.process.pid for c in self.children if c.process])
        if self.database:
            self.database.stop()
        self._state().unlink(missing_ok=True)
        os.close(self.lock)

    # Inside -------------------------------------------------------------------

    def _on_signal(self, number, frame):
        self.asked_to_stop = True

    def _start(self, child):
        name, _, value = self.mark.partition("=")
        child.process = subprocess.Popen(
            child.command,
            cwd=self.base,
            env=child.env | {name: value},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C reaches us alone; we stop them in order
        )
        child.started = time.monotonic()

    def _look_after(self, child):
        now = time.monotonic()
        if child.process and child.process.poll() is not None:
            processes.end_groups([child.process.pid], patience=1)
            if now - child.started > STEADY:
                child.failures = 0
            pause = min(0.5 * 2**child.failures, LONGEST_PAUSE)
            say(f"{child.name} berhenti; dijalankan lagi dalam {pause:g} detik.")
            child.failures += 1
            child.process, child.due = None, now + pause
            self.next_heal = now  # it may have died of the database
        if child.process is None and now >= child.due:
            self._start(child)
            self._record()

    def _look_after_database(self):
        now = time.monotonic()
        if not self.database or now < self.next_heal:
            return
        self.next_heal = now + 2
        if not self.database.is_ready():
            say("PostgreSQL tidak menjawab; dijalankan lagi.")
            try:
                self.database.ensure()
            except Exception as error:  # whatever it is, the next look tries again
                say(str(error))
                self.next_heal = now + LONGEST_PAUSE

    def _lock(self):
        if self.lock is None:
            self.lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _state(self):
        return self.folder / "state.json"

    def _recorded(self):
        try:
            return json.loads(self._state().read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _record(self):
        state = {
            "mark": self.mark,
            "address": self.address,
            "environment": self.environment,
            "phase": self.phase,
            "runner": _identity(os.getpid()),
            "parent": self.born_of,
            "children": [_identity(c.process.pid) for c in self.children if c.process],
        }
        new = self._state().with_suffix(".new")
        new.write_text(json.dumps(state))
        new.replace(self._state())

    def _end_runner(self, other):
        """End another parent, which stops its children itself if it still can."""
        pid, moment = other["runner"]
        for number, patience in ((signal.SIGTERM, 12), (signal.SIGKILL, 3)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + patience
            while processes.is_same(pid, moment) and time.monotonic() < deadline:
                time.sleep(0.1)
            if not processes.is_same(pid, moment):
                return
        raise Refused(f"Portal lama (proses {pid}) tidak dapat dihentikan.")


def say(sentence):
    with suppress(OSError):  # the terminal may be gone
        print(sentence, file=sys.stdout, flush=True)


def answers(address):
    """Does a web server at `address` answer with anything but an error of its own?"""
    connection = http.client.HTTPConnection(address.partition("//")[2], timeout=3)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _identity(pid):
    return [pid, processes.began(pid)]


def is_orphaned(other):
    """Has the portal recorded as `other` lost the `make` that started it?"""
    pid, moment = other["parent"]
    return moment is not None and not processes.is_same(pid, moment)
