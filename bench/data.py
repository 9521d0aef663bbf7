"""Many times the demo data, in databases of their own: every row of work copied.

Villages, people, sources and ceilings stay as they are; a district does not get more of
them with the years. Unique texts and numbers of a copy are changed, all else is equal,
so that a page of twenty rows shows the same at every size.
"""

import os
import subprocess
import sys
from contextlib import closing

import psycopg

from leksono_portal.run import postgres

SIZES = {1: "bench_1", 10: "bench_10", 100: "bench_100"}
BASE = 10  # times the demo data, which is where the sizes begin
STRIDE = 10_000  # above every id of the demo data
READER = "operator.besani"

# What stays, however long a portal runs.
KEPT = {"District", "Village", "Border", "User", "Office", "FundSource", "Allotment"}
KEPT |= {"CeilingChange", "Partner"}
KEPT |= {"Body", "Body_villages", "RecordCounter", "DemoMark", "FormKey", "Contact"}
OURS = ("kit", "villages", "projects", "forum")


def make(cluster):
    """The demo data in all sizes, and what of it is looked at."""
    drop(cluster)
    made, before, stride = None, None, STRIDE
    for name in SIZES.values():
        template = f"TEMPLATE {before}" if before else ""
        with closing(_superuser(cluster)) as server:
            server.execute(f"CREATE DATABASE {name} OWNER portal_owner {template}")
        made = made or _fill(cluster.url(database=name))
        times = 10 if before else BASE
        with closing(_superuser(cluster, name)) as database:
            grow(database, times, stride)
        before, stride = name, stride * times
    return made


def drop(cluster):
    with closing(_superuser(cluster)) as server:
        for name in SIZES.values():
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _superuser(cluster, database="postgres"):
    return psycopg.connect(cluster.url(postgres.SUPERUSER, database), autocommit=True)


def _fill(url):
    """Tables, reference and demo data, by the steps of `make run`; then our Django."""
    os.environ |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": ""}
    os.environ |= {"SECRET_KEY": "only-for-the-bench", "DEBUG": "false"}
    os.environ |= {"SITE_URL": "http://127.0.0.1:8000", "REQUIRE_MFA": ""}
    for role in ("owner", "web"):
        prepare = [sys.executable, "-m", "leksono_portal.run.prepare", role]
        subprocess.run(prepare, check=True, stdout=subprocess.DEVNULL)
    os.environ["DJANGO_SETTINGS_MODULE"] = "leksono_portal.settings"
    import django

    django.setup()
    from bench.pages import Pages

    return Pages(READER)


def grow(connection, times, stride):
    """Make `times` as many rows of work; `stride` is above every id there is.

    `connection` is a superuser's: our own triggers refuse most of this.
    """
    from django.apps import apps

    copied = {
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS and model.__name__ not in KEPT
    }
    connection.execute("SET session_replication_role = replica")
    for model in copied:
        columns = {
            field.column: _copied(model, field, copied)
            for field in model._meta.concrete_fields
            if not field.generated
        }
        names = ", ".join(f'"{name}"' for name in columns)
        table, values = model._meta.db_table, ", ".join(columns.values())
        connection.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}",'
            f" generate_series({stride}, {stride * (times - 1)}, {stride}) AS shift"
        )
    connection.execute("RESET session_replication_role")
    connection.execute("CHECKPOINT")  # what is not on disk yet is not marked as seen
    connection.execute("VACUUM ANALYZE")


def _copied(model, field, copied):
    """SQL of what a copy holds in the column of `field`."""
    from django.db import models

    column = f'"{field.column}"'
    as_uuid = f"md5({column}::text || shift)::uuid"  # the same for a row and its kin
    if field.remote_field:
        if field.related_model not in copied:
            return column
        is_uuid = isinstance(field.target_field, models.UUIDField)
        return as_uuid if is_uuid else f"{column} + shift"
    if not (field.primary_key or field.unique or field.name in _telling(model, copied)):
        return column
    if isinstance(field, models.CharField):
        return f"left(upper(md5({column} || shift)), {field.max_length})"
    if isinstance(field, models.UUIDField):
        return as_uuid
    return f"{column} + shift"


def _telling(model, copied):
    """The last fields of unique constraints that no copied owner keeps apart."""
    for constraint in model._meta.total_unique_constraints:
        if constraint.fields:
            fields = [model._meta.get_field(name) for name in constraint.fields]
            if not any(field.related_model in copied for field in fields):
                yield fields[-1].name
