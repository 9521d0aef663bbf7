"""The cast, and what every test on PostgreSQL needs."""

import gc
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from whitenoise import WhiteNoise

from leksono_portal.kit import kept
from leksono_portal.kit.management.commands.grant_web_role import grant
from leksono_portal.tests import migrated
from villages.models import Village
from villages.people.models import Post
from villages.tests.make import (
    make_district,
    make_officers,
    make_user,
    make_villages,
)

QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Of a reader who comes from a page of ours: the style sheet is not inside this one.
FROM_OUR_PAGE = {"referer": "http://testserver/"}
# What takes longest is begun first: at the end it would leave a worker without work.
LONGEST = ("test_walk", "test_access", "test_every_page", "test_room", "test_bad_input")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def pytest_collection_finish():
    """What was imported stays; looking through it for garbage again and again costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def collected_static_files(tmp_path_factory):
    """Pages name hashed files, as in production."""
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    call_command("collectstatic", interactive=False, verbosity=0)


_scan, _scanned = WhiteNoise.update_files_dictionary, {}


def _scan_once(self, root, prefix):
    """Each `Client` has middleware of its own, which would look at every file again."""
    if (root, prefix) not in _scanned:
        _scan(self, root, prefix)
        _scanned[root, prefix] = self.files.copy()
    self.files.update(_scanned[root, prefix])


WhiteNoise.update_files_dictionary = _scan_once


@pytest.fixture(scope="session", autouse=True)
def media_folder(tmp_path_factory):
    """What tests store is thrown away with them."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, django_db_blocker
):
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.original()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        grant(connection)
        keep_vacuum_away()
    yield
    # A browser's open line keeps a thread of a live server, and that its connection.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def keep_vacuum_away():
    """Tests roll all back, so vacuum finds the tables empty and writes that down.

    PostgreSQL would believe it of the next test that writes much, and plan for no rows
    until that has ended: looking through its constraints took minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %I SET (autovacuum_enabled = off)', tablename)"
            " FROM pg_tables WHERE schemaname = 'public'"
        )
        cursor.execute("; ".join(statement for (statement,) in cursor.fetchall()))


_flush = DatabaseOperations.execute_sql_flush


def _flush_past_our_triggers(self, sql_list):
    """Threaded tests are cleaned by TRUNCATE, which our own triggers refuse.

    They are switched off and on again in the transaction of the flush, never
    dropped; only the owner of the tables can do that.
    """
    with self.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgtype & 32 <> 0"
        )
        found = cursor.fetchall()
    off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in found]
    on = [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in found]
    _flush(self, [*off, *sql_list, *on] if sql_list else sql_list)


DatabaseOperations.execute_sql_flush = _flush_past_our_triggers


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a process keeps for some seconds must not outlive a test."""
    kept.forget_all()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = QUICK_HASHERS


@pytest.fixture(scope="session", autouse=True)
def no_second_factor_demanded():
    """Where a test is about it, it sets this to True or, as a portal starts, to None."""
    settings.REQUIRE_MFA = False


@pytest.fixture
def as_web_role(db):
    """`with as_web_role():` runs SQL as the role the web server has.

    Deferred checks are run before the block ends, as a commit would. A refused
    block must stand inside `transaction.atomic()`, whose rollback gives the role back.
    """

    @contextmanager
    def role():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE portal_web")
            yield cursor
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("RESET ROLE")

    return role


@pytest.fixture
def refused(as_web_role):
    """Run SQL as the web role and expect the database to refuse it.

    What the test itself wrote is checked before, so that only the SQL is at fault.
    """

    def run(sql, *params, match=None):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        with pytest.raises(DatabaseError, match=match):
            with transaction.atomic(), as_web_role() as cursor:
                cursor.execute(sql, params)

    return run


@pytest.fixture
def cast(db):
    return make_cast()


def make_cast():
    """Two desa and the kelurahan of one district with their people, and outsiders.

    Besani is the village most things are about; Timbang is the other one.
    """
    district, elsewhere = make_district(), make_district("33.07.06", "Kaliwiro")
    desa, kelurahan = Village.Kind.DESA, Village.Kind.KELURAHAN
    besani, timbang, leksono, far = make_villages(
        (district, "Besani", 2005, desa),
        (district, "Timbang", 2011, desa),
        (district, "Leksono", 1006, kelurahan),
        (elsewhere, "Tracap", 2001, desa),
    )
    officers = {
        "operator": ("operator.besani", Post.OPERATOR, besani),
        "head": ("kades.besani", Post.VILLAGE_HEAD, besani),
        "other_operator": ("operator.timbang", Post.OPERATOR, timbang),
        "other_head": ("kades.timbang", Post.VILLAGE_HEAD, timbang),
        "lurah": ("lurah.leksono", Post.LURAH, leksono),
        "camat": ("camat", Post.CAMAT, district),
        "sekcam": ("sekcam", Post.DISTRICT_SECRETARY, district),
        "verifier": ("verifikator", Post.VERIFIER, district),
        "treasurer": ("bendahara", Post.DISTRICT_TREASURER, district),
        "admin": ("admin", Post.DISTRICT_ADMIN, district),
        "far_operator": ("operator.tracap", Post.OPERATOR, far),
        "far_camat": ("camat.kaliwiro", Post.CAMAT, elsewhere),
    }
    return SimpleNamespace(
        district=district,
        besani=besani,
        timbang=timbang,
        leksono=leksono,
        elsewhere=elsewhere,
        far=far,
        resident=make_user("warga"),
        **dict(zip(officers, make_officers(*officers.values()), strict=True)),
    )
