"""A database with all migrations; each worker's is a copy, made in no time."""

import hashlib
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

# All that migrations are made of; a test holds them to it.
SOURCES = (
    "*/migrations/*.py",
    "*/*/migrations/*.py",
    "leksono_portal/kit/*.py",
    "leksono_portal/settings.py",
    "requirements.txt",
)
LOCK = 330705  # any number, the same for all workers


def original():
    """The name of the database to copy, made anew where one of SOURCES has changed."""
    prefix = f"{connection.settings_dict['NAME']}_migrated_"
    name = prefix + _digest()
    with connection._nodb_cursor() as cursor:
        # Held until this connection ends: the other workers wait for who was first.
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        known = {found for (found,) in cursor.fetchall()}
        for old in known - {name}:
            cursor.execute(f'DROP DATABASE "{old}"')
        if name not in known:
            half_made = f"{prefix}new"
            cursor.execute(f'CREATE DATABASE "{half_made}"')
            with _connected_to(half_made):
                call_command("migrate", interactive=False, verbosity=0)
            cursor.execute(f'ALTER DATABASE "{half_made}" RENAME TO "{name}"')
    return name


def _digest():
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(f"{path} {path.stat().st_size} ".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _connected_to(database):
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
