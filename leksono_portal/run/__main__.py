"""`make run`: from a fresh machine to a running portal, under one parent.

PostgreSQL (unless DATABASE_URL is set), web server, worker and clock. Settings come
from the environment and from `.env`; `.env.example` names them.
"""

import os
import sys

from . import env, postgres
from .supervisor import Refused, Stopped, Supervisor, say


def main():
    env.load_file()
    port = _port()
    if not os.environ.get("SITE_URL"):
        os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
    database = None
    if not os.environ.get("DATABASE_URL"):
        if os.environ.get("DATABASE_OWNER_URL"):
            raise Refused("DATABASE_OWNER_URL diisi tetapi DATABASE_URL belum.")
        database = postgres.Cluster(env.BASE / ".pgdata")
    demo = _demo()
    portal = Supervisor(env.BASE, port, database=database)
    if not portal.claim():
        return
    portal.listen()
    try:
        portal.check_port()
        if env.ensure_secret_key():
            say("Kunci rahasia baru ditulis ke .env")
        owner, web = _environments(database)
        if database:
            portal.environment = {k: web[k] for k in ("DATABASE_URL", "SITE_URL")}
        _prepare(portal, owner, web, demo=demo)
        _serve(portal, web)
    except Stopped:
        pass
    finally:
        portal.stop()
    say("Portal dihentikan.")


def _port():
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Refused(f"PORT harus angka 1 sampai 65535, bukan {text!r}.")
    return int(text)


def _demo():
    """Whether to fill an empty database with demo data, whose passwords all know."""
    local = os.environ["SITE_URL"].startswith("http://")
    text = os.environ.get("DEMO") or ("true" if local else "false")
    if text not in ("true", "false"):
        raise Refused(f"DEMO harus true atau false, bukan {text!r}.")
    return text == "true"


def _environments(database):
    """Environments of the processes that own the database and of those that use it."""
    if database:
        owner, web = database.url(postgres.OWNER), database.url(postgres.WEB)
    else:
        web = os.environ["DATABASE_URL"]
        owner = os.environ.get("DATABASE_OWNER_URL") or web
    shared = os.environ | {"DATABASE_OWNER_URL": "", "PYTHONUNBUFFERED": "1"}
    return shared | {"DATABASE_URL": owner}, shared | {"DATABASE_URL": web}


def _prepare(portal, owner, web, *, demo):
    say("Menyiapkan basis data …")
    if portal.database:
        portal.database.ensure()
        if portal.database.home.parent != env.BASE:
            say(f"Data disimpan di {portal.database.home}")
    elif owner["DATABASE_URL"] == web["DATABASE_URL"]:
        say("Hanya DATABASE_URL yang diisi: riwayat dijaga pemicu (trigger) saja.")
    prepare = [sys.executable, "-m", "leksono_portal.run.prepare"]
    portal.step("menyiapkan basis data", [*prepare, "owner"], owner)
    if demo:
        portal.step("mengisi data contoh", [*prepare, "web"], web)


def _serve(portal, web):
    python = sys.executable
    granian = "--interface wsgi --workers 2 --blocking-threads 2 --no-ws"
    granian += " --respawn-failed-workers --respawn-interval 0.5"
    granian += " --workers-kill-timeout 2 --log-level warning"
    granian += f" --host 127.0.0.1 --port {portal.port}"
    portal.add(
        "Web",
        [python, "-m", "granian", *granian.split(), "leksono_portal.wsgi:application"],
        web,
    )
    portal.add("Pekerja", [python, "manage.py", "db_worker"], web)
    portal.add("Pengingat", [python, "manage.py", "tick", "--every", "60"], web)

    def announce():
        say(f"Portal siap di {portal.address}")
        if web["SITE_URL"].rstrip("/") != portal.address:
            say(f"Bagi pengunjung: {web['SITE_URL']}")
        say(f"Hentikan dengan Ctrl+C, atau: kill {os.getpid()}")

    portal.watch(announce)


if __name__ == "__main__":
    try:
        main()
    except (Refused, postgres.PostgresError) as error:
        sys.exit(str(error))
    except PermissionError as error:
        sys.exit(
            f"Tidak boleh memakai {error.filename}; "
            "jalankan sebagai pengguna yang sama seperti sebelumnya."
        )
