"""The whole portal in one file, and back into an empty one.

    python -m leksono_portal.run.backup save [FILE]
    python -m leksono_portal.run.backup restore FILE

The file is a zip: `database.dump` as pg_dump writes it, the stored files below
`media/`, and `manifest.json`, which says what each of them and each table must be.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

import psycopg
from psycopg import sql

from . import env, postgres
from .supervisor import Refused, say

FOLDER = env.BASE / "cadangan"
MEDIA = env.BASE / "media"
DUMP, MANIFEST, FORMAT = "database.dump", "manifest.json", 1
BLOCK = 1024 * 1024
READ_ERRORS = (zipfile.BadZipFile, OSError, EOFError, RuntimeError)
READ_ERRORS += (AttributeError, KeyError, TypeError, ValueError)
BROKEN = "Berkas ini rusak atau terpotong, jadi tidak ada yang dipulihkan"

# Written alike wherever a table is counted.
PLAIN = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';"
PLAIN += "SET bytea_output = 'hex'; SET extra_float_digits = 1"


# Saving -----------------------------------------------------------------------


def save(url, file, *, media=MEDIA):
    """Write the database at `url` (its owner's) and the folder `media` to `file`.

    One moment of the database, whoever writes meanwhile. The files are read after
    it, so that all which its rows name are there.
    """
    if file.exists():
        raise Refused(f"{file} sudah ada; pilih nama lain.")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".baru-") as work:
        dump, part = Path(work, DUMP), Path(work, file.name)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "code": _commit(),
            **_dump(url, dump),
        }
        with open(part, "xb", opener=_for_us_alone) as target:
            with zipfile.ZipFile(target, "w") as archive:
                manifest["files"] = {DUMP: _add(archive, DUMP, dump)}
                for name, path in _stored(media):
                    with suppress(FileNotFoundError):  # swept away just now
                        manifest["files"][name] = _add(archive, name, path)
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            target.flush()
            os.fsync(target.fileno())
        part.rename(file)
    return manifest


def _dump(url, target):
    """Write `target`; return what the database was at that moment."""
    with _connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [moment] = connection.execute("SELECT pg_export_snapshot()").fetchone()
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges"]
        command += [f"--snapshot={moment}", f"--file={target}"]
        _run(command, url, _major(connection), "Mencadangkan basis data gagal")
        return {"postgresql": _major(connection), "tables": fingerprints(connection)}


def fingerprints(connection):
    """{table: [rows, their common fingerprint]} of all tables of the schema public."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace ORDER BY relname"
    ).fetchall()
    connection.execute(PLAIN)
    count = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)"
        "::bigint), 0)::text FROM {} t"
    )
    return {
        name: list(connection.execute(count.format(sql.Identifier(name))).fetchone())
        for (name,) in tables
    }


def _stored(media):
    """(name in the archive, path) of the files below `media`, if there are any."""
    for path in sorted(media.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"media/{path.relative_to(media).as_posix()}", path


def _add(archive, name, path):
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        return _copy(source, target)


# Restoring --------------------------------------------------------------------


def restore(url, file, *, media=MEDIA):
    """Bring `file` into the empty database at `url` and the empty folder `media`.

    Nothing is touched before the whole file has been checked and the portal found to
    be empty. Raises Refused with a sentence.
    """
    media.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=media.parent, prefix=".pulih-") as work:
        manifest = _unpack(file, Path(work))
        _check_empty(url, manifest["postgresql"])
        if any(_stored(media)):
            raise Refused(f"Folder {media} sudah berisi berkas; kosongkan dahulu.")
        placed = []
        try:
            for name, path in _stored(Path(work, "media")):
                placed.append(media / PurePosixPath(name).relative_to("media"))
                placed[-1].parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, placed[-1])
            _load(url, Path(work, DUMP), manifest["tables"])
        except BaseException:
            for path in placed:
                path.unlink(missing_ok=True)
            raise
    return manifest


def _unpack(file, folder):
    """Write the archive's files below `folder`, each checked; return the manifest."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise Refused(
                    "Berkas ini dibuat portal versi lain; "
                    "pulihkan dengan versi yang membuatnya."
                )
            if not _is_whole(manifest):
                raise ValueError(f"{MANIFEST} tidak lengkap")
            for name, expected in manifest["files"].items():
                if _take(archive, name, folder) != expected:
                    raise Refused(f"{BROKEN} ({name}).")
            return manifest
    except FileNotFoundError:
        raise Refused(f"Berkas {file} tidak ada.") from None
    except READ_ERRORS as error:
        raise Refused(f"{BROKEN}, atau bukan cadangan portal. ({error})") from error


def _is_whole(manifest):
    tables, version = manifest["tables"], manifest["postgresql"]
    return (
        isinstance(tables, dict)
        and isinstance(version, int)
        and DUMP in manifest["files"]
    )


def _take(archive, name, folder):
    path = PurePosixPath(name)
    if name != DUMP and (path.parts[0] != "media" or ".." in path.parts):
        raise Refused(f"{BROKEN} ({name}).")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, target.open("xb") as copy:
        return _copy(source, copy)


def _check_empty(url, made_by):
    with _connect(url) as connection:
        ours = _major(connection)
        [is_bare] = connection.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace)"
        ).fetchone()
    if made_by > ours:
        raise Refused(
            f"Cadangan ini dari PostgreSQL {made_by}, yang dipakai di sini {ours}; "
            f"perlu PostgreSQL {made_by} atau lebih baru."
        )
    if not is_bare:
        answer = _manage(url, "check_empty")
        if answer.returncode:
            raise Refused(
                "Cadangan hanya dipulihkan ke portal yang kosong. "
                + _last_line(answer.stderr)
            )


def _load(url, dump, expected):
    with _connect(url) as connection:
        version = _major(connection)
        connection.execute(CLEAR)
    command = ["pg_restore", "--single-transaction", "--no-owner", "--no-privileges"]
    command += ["--dbname=", str(dump)]
    _run(command, url, version, "Memulihkan basis data gagal")
    with _connect(url) as connection:
        if fingerprints(connection) != expected:
            raise Refused("Isi yang dipulihkan tidak sama dengan cadangannya.")
    answer = _manage(url, "grant_web_role")
    if answer.returncode:
        raise Refused(f"Memberi hak kepada web gagal: {_last_line(answer.stderr)}")


# An empty portal has tables and functions already; those of the backup take their place.
# All names are read first: what falls with a table has none any more.
CLEAR = """
DO $$ DECLARE statement text; BEGIN
    FOREACH statement IN ARRAY ARRAY(
        SELECT format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass)
        FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p WHERE prokind = 'f' AND pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ) LOOP EXECUTE statement; END LOOP;
END $$
"""


# Both -------------------------------------------------------------------------


def _connect(url):
    return psycopg.connect(url, autocommit=True, connect_timeout=30)


def _major(connection):
    return connection.info.server_version // 10_000


def _run(command, url, version, failed):
    """Run a program of PostgreSQL that fits a server of major `version`.

    The address goes through the environment: a command line is seen by everyone.
    """
    found = psycopg.pq.Conninfo.parse(url.encode())
    address = {o.envvar.decode(): o.val.decode() for o in found if o.val and o.envvar}
    answer = subprocess.run(
        [programs(version) / command[0], *command[1:]],
        env=os.environ | address | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise Refused(f"{failed}: {_last_line(answer.stderr)}")


def programs(version):
    """The folder whose pg_dump and pg_restore fit a server of major `version`.

    Newer ones fit too, but from 17 on they say things that older servers refuse.
    """
    found = {}
    for place in postgres.places():
        if (place / "pg_dump").exists() and (place / "pg_restore").exists():
            answer = subprocess.run(
                [place / "pg_dump", "--version"], capture_output=True, text=True
            )
            if number := re.search(r"\) (\d+)", answer.stdout):
                found.setdefault(int(number[1]), place)
    fitting = [n for n in found if n == version or n > version >= 17]
    if not fitting:
        raise Refused(
            f"Server PostgreSQL ini versi {version}; perlu pg_dump dan pg_restore "
            f"versi {version} (Debian: apt install postgresql-client-{version})."
        )
    return found[min(fitting)]


def _manage(url, command):
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=env.BASE,
        env=os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _copy(source, target):
    """Copy, and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def _for_us_alone(path, flags):
    return os.open(path, flags, 0o600)


def _commit():
    """Which code this was, where git knows it."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=env.BASE, capture_output=True, text=True
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def _last_line(text):
    lines = text.strip().splitlines() or ["tanpa keterangan"]
    return lines[-1].removeprefix("CommandError: ")


# At the keyboard --------------------------------------------------------------


@contextmanager
def _database(*, make):
    """The owner's URL of this portal's database, which runs meanwhile."""
    if url := os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL"):
        yield url
        return
    cluster = postgres.Cluster(env.BASE / ".pgdata")
    if not make and not cluster.data.exists():
        raise Refused("Di sini belum ada data yang dapat dicadangkan.")
    cluster.ensure()
    try:
        yield cluster.url()
    finally:
        cluster.release()


@contextmanager
def _no_portal_running(folder=env.BASE / ".run"):
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused(
            "Portal sedang berjalan dari folder ini. Hentikan dahulu (Ctrl+C di sana), "
            "lalu ulangi."
        ) from None
    finally:
        os.close(lock)


def main(arguments):
    env.load_file()
    verb, *names = arguments
    file = Path(names[0]).absolute() if names and names[0] else None
    if verb == "save":
        file = file or FOLDER / f"portal-{datetime.now():%Y%m%d-%H%M%S}.zip"
        with _database(make=False) as url:
            manifest = save(url, file)
        say(f"{_what(manifest)} dicadangkan ke {file}")
        say(
            "Berkas ini memuat data pribadi; simpan di tempat yang aman, di luar mesin."
        )
    elif verb == "restore":
        if not file:
            raise Refused("Sebutkan berkasnya: make restore FILE=cadangan/portal-….zip")
        with _no_portal_running():
            env.ensure_secret_key()
            with _database(make=True) as url:
                manifest = restore(url, file)
        say(f"{_what(manifest)} dipulihkan dari cadangan {manifest['made_at']}.")
        say("Sekarang: make run")
    else:
        sys.exit(__doc__)


def _what(manifest):
    rows = sum(count for count, _ in manifest["tables"].values())
    return f"{rows} baris dan {len(manifest['files']) - 1} berkas"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Refused, postgres.PostgresError) as error:
        sys.exit(str(error))
    except (OSError, psycopg.Error) as error:
        sys.exit(f"Gagal: {error}")
