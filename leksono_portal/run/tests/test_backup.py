"""The restore drill: a portal with example data saved, and brought back elsewhere.

Two real servers in folders of their own; the tests' database is not touched.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from leksono_portal.run import backup, env, postgres
from leksono_portal.run.backup import fingerprints, restore, save
from leksono_portal.run.supervisor import Refused

FILES = {"foto/a.jpg": b"\xff\xd8 satu", "foto/2026/b.jpg": os.urandom(3000)}


def manage(url, *commands):
    """Django's commands in one process, as their own owner runs them."""
    lines = ["import django; from django.core.management import call_command as call"]
    lines += ["django.setup()", *(f"call({command!r})" for command in commands)]
    subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=env.BASE,
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "leksono_portal.settings",
        },
        stdout=subprocess.DEVNULL,
        check=True,
    )


def cluster_in(place, name):
    return postgres.ensure(place / name, test=True)


@pytest.fixture(scope="module")
def place():
    path = Path(tempfile.mkdtemp(prefix="leksono-test-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def portal(place):
    """A portal with example data; its server also holds `kosong`, a prepared one."""
    cluster = cluster_in(place, "satu")
    manage(cluster.url(), "migrate", "createcachetable", "grant_web_role")
    with psycopg.connect(cluster.url(database="postgres"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE kosong TEMPLATE {postgres.DATABASE}")
    manage(cluster.url(), "seed_demo")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def elsewhere(place):
    cluster = cluster_in(place, "dua")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def media(place):
    folder = place / "media"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def saved(place, portal, media):
    file = place / "simpan/cadangan.zip"
    save(portal.url(), file, media=media)
    return file


@pytest.fixture
def bare(elsewhere):
    """URL of a database without anything."""
    name = f"b{uuid4().hex}"
    with psycopg.connect(elsewhere.url(database="postgres"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    return elsewhere.url(database=name)


def everything(url):
    with psycopg.connect(url, autocommit=True) as connection:
        return fingerprints(connection)


def files_below(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def is_refused(url, file, media, sentence):
    before = everything(url)
    with pytest.raises(Refused, match=sentence):
        restore(url, file, media=media)
    assert everything(url) == before
    assert not media.exists() or not files_below(media)


def test_rows_and_files_are_equal_after_the_way_back(
    portal, elsewhere, saved, tmp_path
):
    restore(elsewhere.url(), saved, media=tmp_path / "media")
    before = everything(portal.url())
    assert everything(elsewhere.url()) == before
    assert before["villages_village"][0] == 14
    assert before["projects_project"][0] > 0
    assert files_below(tmp_path / "media") == FILES
    # The web may do what it could, and history is guarded as it was.
    with psycopg.connect(elsewhere.url(postgres.WEB), autocommit=True) as web:
        web.execute("UPDATE villages_village SET name = name")
        for attack in (
            "UPDATE kit_auditevent SET verb = ''",
            "DELETE FROM projects_transition",
            "TRUNCATE villages_village CASCADE",
        ):
            with pytest.raises(psycopg.Error):
                web.execute(attack)
    with psycopg.connect(elsewhere.url(), autocommit=True) as owner:
        with pytest.raises(psycopg.Error, match="riwayat tidak boleh"):
            owner.execute("DELETE FROM kit_auditevent")


def test_a_prepared_portal_without_rows_counts_as_empty(portal, saved, tmp_path):
    prepared = portal.url(database="kosong")
    restore(prepared, saved, media=tmp_path / "media")
    assert everything(prepared) == everything(portal.url())


def test_a_portal_with_rows_is_refused(portal, saved, tmp_path):
    is_refused(portal.url(), saved, tmp_path / "media", "hanya .* kosong.*sudah berisi")


def test_tables_of_another_version_are_refused(bare, saved, tmp_path):
    with psycopg.connect(bare) as owner:
        owner.execute("CREATE TABLE kit_demomark (id int)")
    is_refused(bare, saved, tmp_path / "media", "versi lain.*make run")


def test_a_folder_with_files_is_refused(bare, saved, tmp_path):
    (tmp_path / "lama.jpg").write_bytes(b"x")
    with pytest.raises(Refused, match="sudah berisi berkas"):
        restore(bare, saved, media=tmp_path)
    assert files_below(tmp_path) == {"lama.jpg": b"x"}
    assert everything(bare) == {}


def test_what_is_saved_while_someone_writes_is_one_moment(
    portal, bare, place, tmp_path
):
    enough, stop = threading.Event(), threading.Event()

    def write():
        with psycopg.connect(portal.url(postgres.WEB)) as web:
            number = 0
            while not stop.is_set():
                number += 1
                for verb in ("masuk", "keluar"):
                    web.execute(
                        "INSERT INTO kit_auditevent (verb, target, by, at, address)"
                        " VALUES (%s, %s, '', now(), '')",
                        [verb, str(number)],
                    )
                web.commit()
                if number == 50:
                    enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert enough.wait(10)
        save(portal.url(), place / "sambil-menulis.zip", media=tmp_path / "tiada")
        at_the_end = everything(portal.url())["kit_auditevent"][0]
    finally:
        stop.set()
        writer.join()
    restore(bare, place / "sambil-menulis.zip", media=tmp_path / "media")
    with psycopg.connect(bare) as owner:
        pairs = owner.execute(
            "SELECT count(*) FILTER (WHERE verb = 'masuk'),"
            " count(*) FILTER (WHERE verb = 'keluar') FROM kit_auditevent"
            " WHERE verb IN ('masuk', 'keluar')"
        ).fetchone()
        [rows] = owner.execute("SELECT count(*) FROM kit_auditevent").fetchone()
    assert pairs[0] == pairs[1] >= 50
    assert rows < at_the_end, "nobody wrote meanwhile"


def cut(content):
    return content[: len(content) // 2]


def turned(content):
    """One byte in the middle of the dump is another."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "spoil", [cut, turned, lambda content: b"", lambda content: b"PGDMP" * 99]
)
def test_a_spoilt_file_is_refused_in_a_sentence(bare, saved, tmp_path, spoil):
    file = tmp_path / "rusak.zip"
    file.write_bytes(spoil(saved.read_bytes()))
    is_refused(bare, file, tmp_path / "media", "rusak atau terpotong")


def repacked(saved, file, change):
    """`saved` with other members: `change` takes and returns {name: bytes}."""
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda m: {"foto.jpg": b"x"}, "bukan cadangan"),
        (lambda m: m | {"manifest.json": b"[]"}, "bukan cadangan"),
        (lambda m: m | {"manifest.json": b'{"format": 2}'}, "versi lain"),
        (lambda m: m | {"manifest.json": b'{"format": 1}'}, "bukan cadangan"),
        (
            lambda m: (
                m
                | {
                    "manifest.json": b'{"format": 1, "files": {}, "tables": {},'
                    b' "postgresql": 15}'
                }
            ),
            "tidak lengkap",
        ),
        (lambda m: m | {"media/foto/a.jpg": b"lain"}, r"rusak .*media/foto/a\.jpg"),
        (
            lambda m: (
                m
                | {
                    "media/../../x": m["media/foto/a.jpg"],
                    "manifest.json": m["manifest.json"].replace(
                        b"media/foto/a.jpg", b"media/../../x"
                    ),
                }
            ),
            r"rusak .*\.\./x",
        ),
        (
            lambda m: (
                m
                | {
                    "manifest.json": m["manifest.json"].replace(
                        b'gresql": ', b'gresql": 9'
                    )
                }
            ),
            "perlu PostgreSQL 9",
        ),
    ],
)
def test_a_foreign_file_is_refused_in_a_sentence(
    bare, saved, tmp_path, change, sentence
):
    file = repacked(saved, tmp_path / "asing.zip", change)
    is_refused(bare, file, tmp_path / "media", sentence)
    assert not (tmp_path.parent / "x").exists()


def test_a_file_that_is_not_there_is_said_so(bare, tmp_path):
    is_refused(bare, tmp_path / "tiada.zip", tmp_path / "media", "tidak ada")


def test_files_are_taken_back_when_the_rows_fail(bare, saved, tmp_path, monkeypatch):
    def break_down(*arguments):
        raise Refused("Memulihkan basis data gagal")

    monkeypatch.setattr(backup, "_run", break_down)
    is_refused(bare, saved, tmp_path / "media", "gagal")


def test_nobody_else_may_read_a_backup_and_none_is_written_over(portal, saved, media):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    before = saved.read_bytes()
    with pytest.raises(Refused, match="sudah ada"):
        save(portal.url(), saved, media=media)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_nothing_is_restored_beside_a_running_portal(tmp_path):
    with open(tmp_path / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="sedang berjalan"):
            with backup._no_portal_running(tmp_path):
                pass
    with backup._no_portal_running(tmp_path):
        pass


@pytest.mark.parametrize(
    ("there", "server", "taken"),
    [
        ([18], 18, 18),
        ([18, 16], 16, 16),
        ([18], 17, 18),
        ([18], 16, None),
        ([], 18, None),
    ],
)
def test_programs_fit_the_server_or_a_sentence_says_which_are_needed(
    tmp_path, monkeypatch, there, server, taken
):
    places = [tmp_path / str(version) for version in there]
    for folder in places:
        folder.mkdir()
        for name in ("pg_dump", "pg_restore"):
            program = folder / name
            program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {folder.name}.1'")
            program.chmod(0o755)
    monkeypatch.setattr(postgres, "places", lambda: places)
    if taken:
        assert backup.programs(server) == tmp_path / str(taken)
    else:
        with pytest.raises(Refused, match=f"postgresql-client-{server}"):
            backup.programs(server)
