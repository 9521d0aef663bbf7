"""Real servers in folders of their own; nothing here touches the tests' database."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from leksono_portal.run import env, postgres, processes

ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def place():
    """A folder every account may pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="leksono-test-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made(place):
    cluster = postgres.ensure(place / ".pgdata")
    with owner(cluster) as connection:
        connection.execute("CREATE TABLE minutes (text text)")
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(made):
    made.ensure()
    return made


def owner(cluster):
    return psycopg.connect(cluster.url(postgres.OWNER), autocommit=True)


def web(cluster):
    return psycopg.connect(cluster.url(postgres.WEB), autocommit=True)


def note(cluster, text):
    with owner(cluster) as connection:
        connection.execute("INSERT INTO minutes VALUES (%s)", [text])


def notes(cluster):
    with owner(cluster) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM minutes")]


def server_pid(cluster):
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def children(pid):
    folders = [folder.name for folder in processes.PROC.glob("[0-9]*")]
    states = [(int(name), processes._stat(name)) for name in folders]
    return [child for child, state in states if state and int(state[1]) == pid]


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_stopped_server_starts_again_with_its_rows(cluster):
    note(cluster, "before the stop")
    cluster.stop()
    assert not cluster.is_ready()
    again = postgres.ensure(cluster.home)
    assert "before the stop" in notes(again)
    again.stop()


def test_ensuring_a_running_server_leaves_it_alone(cluster):
    before = server_pid(cluster)
    postgres.ensure(cluster.home)
    assert server_pid(cluster) == before


def test_rows_survive_when_every_process_is_killed(cluster):
    note(cluster, "before every process died")
    pid = server_pid(cluster)
    for victim in [pid, *children(pid)]:
        with suppress(ProcessLookupError):  # some end by themselves
            os.kill(victim, signal.SIGKILL)
    healed = postgres.ensure(cluster.home)
    assert "before every process died" in notes(healed)
    assert server_pid(healed) != pid


def test_rows_survive_when_only_the_first_process_is_killed(cluster):
    note(cluster, "before the first process died")
    os.kill(server_pid(cluster), signal.SIGKILL)
    cluster.ensure()
    assert "before the first process died" in notes(cluster)


def test_a_server_whose_socket_was_swept_away_is_replaced(cluster):
    pid = server_pid(cluster)
    (cluster.sockets / f".s.PGSQL.{postgres.PORT}").unlink()
    cluster.ensure()
    assert cluster.is_ready() and server_pid(cluster) != pid


def test_a_recorded_id_that_now_is_another_program_hinders_nothing(cluster):
    cluster.stop()
    other = subprocess.Popen(["sleep", "60"], **cluster._as_account())
    record = cluster.data / "postmaster.pid"
    record.write_text(f"{other.pid}\n{cluster.data}\n")
    try:
        cluster.ensure()
        assert cluster.is_ready() and other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_only_the_tests_own_server_may_lose_what_was_acknowledged(cluster, place):
    with owner(cluster) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    with pytest.raises(postgres.PostgresError, match="bukan basis data uji"):
        postgres.ensure(cluster.home, test=True)
    fast = postgres.ensure(place / ".pgtest", test=True)
    try:
        with owner(fast) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
            connection.execute("CREATE DATABASE test_portal")
    finally:
        fast.stop()
    with owner(cluster) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE DATABASE test_portal")


@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "SET ROLE portal_owner",
        "SET ROLE portal",
        "ALTER ROLE portal_web SUPERUSER",
        "GRANT portal_owner TO portal_web",
        "SET session_replication_role = replica",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT * FROM minutes",  # nothing is granted until the portal says so
    ],
)
def test_the_web_role_may_not(cluster, attempt):
    with web(cluster) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(attempt)


def test_the_owner_is_no_superuser_but_may_act_as_the_web_role(cluster):
    with owner(cluster) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        connection.execute("SET ROLE portal_web")


def test_a_long_path_with_odd_characters_works(place):
    deep = place / ("folder dengan spasi, koma, 'kutip' dan $HOME " * 2) / ("x" * 60)
    deep.mkdir(parents=True)
    cluster = postgres.ensure(deep / ".pgtest", test=True)
    try:
        assert len(str(cluster.home)) > postgres.SOCKET_LIMIT
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        with owner(cluster) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.stop()
    assert not cluster.sockets.exists()


def test_no_folder_is_opened_to_others(place, monkeypatch):
    monkeypatch.setattr(postgres, "SHARED", place / "shared")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    cluster = postgres.ensure(closed / ".pgtest", test=True)
    try:
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.home.stat().st_mode) == 0o700
        assert (cluster.home.parent == place / "shared") == ROOT
        server = processes.PROC / str(server_pid(cluster))
        assert (server.stat().st_uid == os.geteuid()) != ROOT
    finally:
        cluster.stop()


def test_a_folder_prepared_by_somebody_else_is_refused(place):
    (place / "elsewhere").mkdir()
    planted = place / ".planted"
    planted.symlink_to(place / "elsewhere")
    with pytest.raises(postgres.PostgresError, match="milik"):
        postgres.ensure(planted)
    assert not list((place / "elsewhere").iterdir())


def test_releasing_leaves_a_server_that_others_use(place):
    mine = postgres.ensure(place / ".pgtest", test=True)
    theirs = postgres.ensure(place / ".pgtest", test=True)
    mine.release()
    assert theirs.is_ready()
    theirs.release()
    assert not theirs.is_ready()


def test_without_any_postgresql_the_three_ways_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres.PostgresError) as refusal:
        postgres.find_binaries()
    for way in ("requirements.txt", "PostgreSQL 15+", "DATABASE_URL"):
        assert way in str(refusal.value)


def test_the_command_line_starts_and_stops(place):
    def run(*words):
        command = [sys.executable, "-m", "leksono_portal.run.postgres", *words]
        environment = os.environ | {"DATABASE_URL": ""}
        return subprocess.run(
            command, env=environment, cwd=env.BASE, capture_output=True, text=True
        )

    folder = str(place / ".pgtest")
    url = run("start", "--test", folder).stdout.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("portal_owner",)
    assert "portal_web@" in run("url", folder, "portal_web").stdout
    assert run("stop", folder).returncode == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    printed = run("exec", folder, "sh", "-c", 'echo "$DATABASE_URL"; exit 5')
    assert printed.returncode == 5 and "portal_owner@" in printed.stdout
    assert not postgres.Cluster(folder).is_ready()


def test_processes_are_told_apart_by_when_they_began():
    child = subprocess.Popen(["sleep", "60"])
    moment = processes.began(child.pid)
    assert processes.is_same(child.pid, moment)
    assert not processes.is_same(child.pid, "another moment")
    child.kill()
    wait_until(lambda: processes.began(child.pid) is None)  # dead, though not buried
    assert processes.exists(child.pid)
    child.wait()
