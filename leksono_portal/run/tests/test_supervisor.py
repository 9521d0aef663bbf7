"""The parent of a portal, with a stand-in for the web server and no database."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from leksono_portal.run import env, processes
from leksono_portal.run.supervisor import (
    Refused,
    Supervisor,
    answers,
    is_orphaned,
)

RUNNER = """
import os, sys
from leksono_portal.run import supervisor
supervisor.PATIENCE = 1
base, port, *web = sys.argv[1:]
portal = supervisor.Supervisor(base, int(port))
if portal.claim():
    portal.listen()
    try:
        portal.check_port()
        portal.add("Web", web, dict(os.environ))
        portal.watch(lambda: supervisor.say("siap"))
    finally:
        portal.stop()
"""
WEB = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]


@pytest.fixture
def port():
    """One the system hands to nobody else while the parents come and go."""
    for number in random.sample(range(20_000, 32_768), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", number))
            return number
    pytest.fail("no port is free")


@pytest.fixture
def runners(tmp_path, port):
    """Starts parents; whatever they started is gone afterwards."""
    started = []

    def run(*, web=None, under=(), ready=True):
        web = web or [*WEB, str(port)]
        runner = subprocess.Popen(
            [*under, sys.executable, "-c", RUNNER, tmp_path, str(port), *web],
            cwd=env.BASE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(runner)
        lines = []
        while ready and "siap\n" not in lines:
            lines.append(runner.stdout.readline())
            assert lines[-1], f"ended without being ready: {lines}"
        return runner

    yield run
    for pid, moment in recorded(tmp_path)["children"]:
        started.append(None)
        if processes.is_same(pid, moment):
            processes.end_groups([pid])
    for runner in filter(None, started):
        runner.kill()
        runner.wait()
        runner.stdout.close()


def recorded(base):
    try:
        return json.loads((base / ".run/state.json").read_text())
    except FileNotFoundError:
        return {"children": [], "runner": [None, None]}


def web_pid(base):
    return recorded(base)["children"][0][0]


def address(port):
    return f"http://127.0.0.1:{port}"


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_killed_child_is_started_again(runners, tmp_path, port):
    runners()
    first = web_pid(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: web_pid(tmp_path) != first and answers(address(port)))


def test_a_signal_stops_everything(runners, tmp_path, port):
    runner = runners()
    runner.terminate()
    assert runner.wait(timeout=5) == 0
    assert not answers(address(port))
    assert not (tmp_path / ".run/state.json").exists()


def test_everything_stops_when_the_parent_of_the_runner_is_killed(
    runners, tmp_path, port
):
    shell = runners(under=["sh", "-c", '"$@"; exit $?', "sh"])
    runner, web = recorded(tmp_path)["runner"], web_pid(tmp_path)
    assert runner[0] != shell.pid
    shell.kill()
    wait_until(lambda: not processes.is_same(*runner) and not processes.began(web))


def test_the_next_start_ends_what_a_killed_runner_left(runners, tmp_path, port):
    runner = runners()
    left = web_pid(tmp_path)
    runner.kill()
    runner.wait()
    assert answers(address(port))
    runners()
    assert processes.began(left) is None
    assert answers(address(port))


def test_orphans_of_a_killed_child_are_ended_too(runners, tmp_path, port):
    master = ["sh", "-c", '"$@" & wait', "sh", *WEB, str(port)]
    runner = runners(web=master)
    left = web_pid(tmp_path)
    runner.kill()
    os.kill(left, signal.SIGKILL)
    assert processes.group(left) and answers(address(port))
    runners()
    assert not processes.group(left)


def test_a_start_right_after_the_parent_was_killed_takes_over(runners, tmp_path, port):
    shell = runners(under=["sh", "-c", '"$@"; exit $?', "sh"])
    old, _ = recorded(tmp_path)["runner"]
    shell.kill()
    runners()
    assert recorded(tmp_path)["runner"][0] != old
    assert processes.began(old) is None
    assert answers(address(port))


def test_a_parent_that_died_is_recorded_as_the_one_it_was(tmp_path, port, monkeypatch):
    with subprocess.Popen(["sleep", "60"]) as parent:
        monkeypatch.setattr(os, "getppid", lambda: parent.pid)
        portal = Supervisor(tmp_path, port)
        parent.kill()
    assert portal.claim()
    assert is_orphaned(recorded(tmp_path))
    os.close(portal.lock)


def test_a_healthy_portal_is_left_alone(runners, tmp_path, port):
    first = runners()
    second = runners(ready=False)
    told, _ = second.communicate(timeout=10)
    assert second.returncode == 0
    assert address(port) in told and f"kill {first.pid}" in told
    assert answers(address(port))


def test_a_silent_portal_is_replaced(runners, tmp_path, port):
    first = runners()
    os.kill(web_pid(tmp_path), signal.SIGSTOP)
    runners()
    assert first.wait(timeout=5) == 0
    assert answers(address(port))


def test_a_foreign_program_on_the_port_is_named(tmp_path, port):
    with subprocess.Popen([*WEB, str(port)], stderr=subprocess.DEVNULL) as foreign:
        wait_until(lambda: answers(address(port)))
        with pytest.raises(Refused) as refusal:
            Supervisor(tmp_path, port).check_port()
        foreign.kill()
    for word in (str(port), "http.server", str(foreign.pid), f"PORT={port + 1}"):
        assert word in str(refusal.value)


def test_a_recycled_id_is_left_alone(tmp_path, port):
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as innocent:
        (tmp_path / ".run").mkdir()
        (tmp_path / ".run/state.json").write_text(
            json.dumps(
                {
                    "mark": "LEKSONO_RUN=old",
                    "address": address(port),
                    "phase": "running",
                    "runner": [innocent.pid, "long ago"],
                    "parent": [1, "long ago"],
                    "children": [[innocent.pid, "long ago"]],
                }
            )
        )
        portal = Supervisor(tmp_path, port)
        assert portal.claim()
        assert innocent.poll() is None
        with suppress(ProcessLookupError):
            innocent.kill()
        os.close(portal.lock)
