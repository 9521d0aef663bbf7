"""The room while things break: lines, the web server, the browser.

`make soak` does each twenty times and prints what became of the words.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from bench.servers import GRANIAN, Server, free_port
from forum.models import AgendaItem
from forum.tests.make import (
    make_agenda,
    make_body,
    make_meeting,
    make_two_hours,
)
from leksono_portal.run import processes
from leksono_portal.tests.test_room import SAVED, Clerk
from leksono_portal.tests.visitor import Visitor
from villages.people.models import Post
from villages.tests.make import make_officer

pytestmark = pytest.mark.browser
ROUNDS = int(os.environ.get("ROUNDS", 1))
WORDS = 24


class Killable(Server):
    """`granian` on the test's database, at one address however often it is killed."""

    def __init__(self):
        self.port = free_port()

    def start(self):
        name = connection.settings_dict["NAME"]
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "leksono_portal.settings",
            "DATABASE_URL": database.geturl(),
            "SITE_URL": self.address,
            "SECRET_KEY": settings.SECRET_KEY,
            "REQUIRE_MFA": "false",
            "TEST_STATIC_ROOT": str(settings.STATIC_ROOT),
        }
        command = [sys.executable, "-m", "granian", *GRANIAN.split()]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["leksono_portal.tests.served:application"]
        self.process = subprocess.Popen(
            command, env=environment, start_new_session=True
        )
        self.wait()

    def kill(self):
        for pid in processes.group(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Tally:
    """Words of one note: typed, and where each was when it broke and in the end."""

    def __init__(self, name):
        self.name, self.typed, self.at = name, [], {}
        self.promised = {"kept in 2 s": 0, "acknowledged in 10 s": 0}
        self.counts = {"kept": 0, "acknowledged": 0, "found": 0, "doubled": 0}

    def words(self, count=WORDS):
        for _word in range(count):
            word = f"k{len(self.typed):04d}"
            self.typed.append(word)
            yield word + " "
            self.at[word] = time.monotonic()

    def keeps_its_promises(self, who, stored, cut):
        """What was typed long enough before the line was cut is called safe by now."""
        here = {word for text in who.kept.values() for word in text.split()}
        for word in self.typed[self.seen :]:
            age = cut - self.at[word]
            if age > 10:
                assert word in stored.split(), f"{word}, {age:.1f} s old"
                self.promised["acknowledged in 10 s"] += 1
            if age > 2:
                assert word in here | set(stored.split()), f"{word}, {age:.1f} s old"
                self.promised["kept in 2 s"] += 1

    def at_the_break(self, kept, stored):
        here = {word for text in kept.values() for word in text.split()}
        there = set(stored.split())
        self.counts["acknowledged"] += len(there & set(self.typed[self.seen :]))
        self.counts["kept"] += len(here - there)

    seen = 0

    def at_the_end(self, stored):
        found = stored.split()
        mine = self.typed[self.seen :]
        self.counts["found"] += len(set(found) & set(mine))
        self.counts["doubled"] += len(found) - len(set(found))
        self.seen = len(self.typed)

    def check(self):
        print(f"\n{self.name}: typed {len(self.typed)}", self.counts, self.promised)
        assert self.counts["doubled"] == 0
        assert self.counts["found"] == len(self.typed)
        known = self.counts["kept"] + self.counts["acknowledged"]
        assert self.counts["found"] == known


@pytest.fixture
def meetings(transactional_db, cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)

    def make():
        meeting = make_meeting(body, cast.operator)
        make_agenda(meeting, "Pembahasan")
        return meeting

    return make


@pytest.fixture
def server(meetings):
    server = Killable()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def enter(chromium, server, cast):
    """Somebody signed in, in a room."""
    visitors = []

    def start(meeting, user=cast.operator):
        who = Visitor(chromium, server.address)
        visitors.append(who)
        sign_in(who.context, server, user)
        return Clerk(who, meeting)

    yield start
    for who in visitors:
        who.leave()


def sign_in(context, server, user):
    client = Client()
    client.force_login(user)
    value = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": value, "url": server.address}])


def note_of(meeting):
    return AgendaItem.objects.get(meeting=meeting).note


def type_words(who, words, slowest=120):
    who.note().press("Control+End")
    for word in words:
        who.page.keyboard.type(word)
        who.page.wait_for_timeout(random.randint(slowest // 6, slowest))


def test_the_line_is_cut_while_typing(enter, meetings):
    tally = Tally("line cut")
    for _round in range(ROUNDS):
        meeting = meetings()
        who = enter(meeting)
        type_words(who, tally.words(), slowest=1000)
        cut = time.monotonic()
        who.context.set_offline(True)
        tally.keeps_its_promises(who, note_of(meeting), cut)
        type_words(who, tally.words())
        who.page.wait_for_timeout(2000)
        who.hears("menunggu jaringan")
        tally.at_the_break(who.kept, note_of(meeting))
        who.context.set_offline(False)
        who.hears(SAVED)
        tally.at_the_end(note_of(meeting))
        who.visitor.leave()
    tally.check()


def test_the_web_server_is_killed_during_saves(server, enter, meetings):
    tally = Tally("server killed")
    for _round in range(ROUNDS):
        meeting = meetings()
        who = enter(meeting)
        type_words(who, tally.words())
        server.kill()
        type_words(who, tally.words())
        who.page.wait_for_timeout(2000)
        who.hears("menunggu jaringan")
        tally.at_the_break(who.kept, note_of(meeting))
        server.start()
        who.page.evaluate("dispatchEvent(new Event('focus'))")
        who.hears(SAVED)
        tally.at_the_end(note_of(meeting))
        who.visitor.leave()
    tally.check()


def test_the_browser_is_killed(server, chromium, cast, meetings, tmp_path):
    tally = Tally("browser killed")
    for turn in range(ROUNDS):
        meeting, folder = meetings(), tmp_path / str(turn)
        who = Lasting(chromium, server, cast.operator, folder)
        room = Clerk(who, meeting)
        type_words(room, tally.words())
        who.context.set_offline(True)
        type_words(room, tally.words())
        room.page.wait_for_timeout(2000)
        tally.at_the_break(room.kept, note_of(meeting))
        who.kill()
        again = Lasting(chromium, server, cast.operator, folder)
        Clerk(again, meeting)
        tally.at_the_end(note_of(meeting))
        again.context.close()
    tally.check()


def test_two_browsers_one_of_them_offline_for_a_while(enter, meetings, cast):
    tally = Tally("two browsers")
    for _round in range(ROUNDS):
        meeting = meetings()
        first = enter(meeting)
        first.writes("awal\n\n\nakhir ")
        first.hears(SAVED)
        second = enter(meeting, cast.other_operator)
        second.context.set_offline(True)
        type_words(second, tally.words())
        first.note().press("Control+Home")
        for word in tally.words():
            first.note().press_sequentially(word)
        first.note().blur()
        first.hears(SAVED)
        second.page.wait_for_timeout(1000)
        tally.at_the_break(second.kept, note_of(meeting))
        second.context.set_offline(False)
        second.hears(SAVED)
        tally.at_the_end(note_of(meeting).replace("awal", "").replace("akhir", ""))
        first.visitor.leave()
        second.visitor.leave()
    tally.check()


class Writer:
    """A person at a device who sends one sentence after another, without a browser."""

    def __init__(self, server, meeting, user):
        client = Client()
        client.force_login(user)
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"
        self.path = f"/rapat/{meeting.pk}/perubahan/"
        self.line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.device, self.waits, self.typed = str(uuid4()), [], []
        answer, told = self.ask("GET", f"{self.path}?sejak=semua")
        [mine] = SimpleCookie(answer.headers["Set-Cookie"]).values()
        self.cookie += f"; {mine.key}={mine.value}"
        self.token = told["token"]

    def ask(self, method, path, body=None):
        headers = {"Cookie": self.cookie, "Content-Type": "application/json"}
        if body:
            headers["X-CSRFToken"] = self.token
        self.line.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.line.getresponse()
        assert answer.status == 200, answer.status
        return answer, json.loads(answer.read())

    def save(self, cell):
        self.typed.append(f"{self.device[:8]}-{len(self.typed)}")
        change = {"id": str(uuid4()), "cell": cell, "value": "\n".join(self.typed)}
        change |= {"base": len(self.typed) - 1, "seq": len(self.typed)}
        started = time.perf_counter()
        _answer, told = self.ask(
            "POST", self.path, {"device": self.device, "changes": [change]}
        )
        self.waits.append(time.perf_counter() - started)
        assert told["answers"][0]["outcome"] == "applied", told


def slowest(waits):
    """The 99th of a hundred."""
    return sorted(waits)[int(len(waits) * 0.99)]


def test_forty_people_save_one_meeting_at_once(server, meetings, cast):
    """Each into a note of their own, all pressing at the same moment, ten times."""
    people, saves = 40, 10
    meeting = meetings()
    for n in range(people):
        make_agenda(meeting, f"Acara {n}")
    *items, last = meeting.agenda.all()
    users = [
        make_officer(f"operator.{n}", Post.OPERATOR, cast.besani) for n in range(people)
    ]
    writers = [Writer(server, meeting, user) for user in users]
    alone = Writer(server, meeting, cast.operator)
    for _save in range(people):
        alone.save(f"agenda:{last.key}/note")
    barrier = Barrier(people)

    def write(writer, item):
        for _save in range(saves):
            barrier.wait()
            writer.save(f"agenda:{item.key}/note")

    with ThreadPoolExecutor(people) as pool:
        for done in [
            pool.submit(write, *pair) for pair in zip(writers, items, strict=True)
        ]:
            done.result()
    together = [wait for writer in writers for wait in writer.waits]
    ratio = slowest(together) / slowest(alone.waits)
    print(
        f"\n{people} people: p99 {slowest(together) * 1000:.0f} ms, one alone "
        f"{slowest(alone.waits) * 1000:.0f} ms, ratio {ratio:.1f}"
    )
    for writer, item in [*zip(writers, items, strict=True), (alone, last)]:
        item.refresh_from_db()
        assert item.note.split() == writer.typed
    # They wait in one line for the meeting: as long as it takes, and no longer.
    assert ratio < people * 1.5


# Tasks of the page longer than 50 ms, which is what the browser calls long.
LONG = """() => { window.long = [];
  new PerformanceObserver((list) => window.long.push(
    ...list.getEntries().map(({ duration }) => Math.round(duration)),
  )).observe({ type: "longtask" });
}"""


def test_typing_never_waits(enter, meetings, cast):
    """In a two-hour meeting, at a quarter of this machine's speed."""
    meeting = meetings()
    make_two_hours(meeting, cast.besani, cast.timbang)
    who = enter(meeting)
    tools = who.context.new_cdp_session(who.page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    who.page.wait_for_timeout(3000)
    who.page.evaluate(LONG)
    tally = Tally("big meeting")
    type_words(who, tally.words(60))
    long = who.page.evaluate("window.long")
    print(f"\ntyping in a big meeting: tasks over 50 ms {sorted(long)}")
    assert not long
    who.hears(SAVED)


class Lasting:
    """A browser whose store outlives it."""

    def __init__(self, chromium, server, user, folder):
        self.address, self.folder = server.address, folder
        self.context = chromium.browser_type.launch_persistent_context(
            folder, executable_path=chromium_path(), args=["--no-sandbox"]
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        sign_in(self.context, server, user)

    def kill(self):
        mark = f"--user-data-dir={self.folder}"
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if mark in entry.read_text().split("\0"):
                    os.kill(int(entry.parent.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()
        time.sleep(0.5)
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.folder / name).unlink(missing_ok=True)


def chromium_path():
    from leksono_portal.run import browser

    return browser.find()
