from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

WEB_ROLE = "portal_web"


class Command(BaseCommand):
    help = f"Memberi peran {WEB_ROLE} hak yang diperlukan web; dijalankan pemilik."

    def handle(self, **options):
        if not role_exists(connection):
            self.stderr.write(
                f"Peran {WEB_ROLE} tidak ada, jadi riwayat hanya dijaga pemicu (trigger)."
            )
            return
        if not is_owner(connection):
            raise CommandError(
                "Hanya pemilik basis data yang dapat memberi hak; "
                "jalankan dengan DATABASE_OWNER_URL."
            )
        grant(connection)


def role_exists(connection):
    return _one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", WEB_ROLE)


def is_owner(connection):
    """True if the current role owns the tables (django_migrations stands for all)."""
    return _one(
        connection,
        "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class "
        "WHERE oid = to_regclass(%s)",
        "django_migrations",
    )


def grant(connection):
    """Give the web role its rights, as owner, after each migration.

    All rows of all tables, except that what carries an append-only trigger may only
    be read and added to, and that nothing may be truncated.
    """
    rights = "SELECT, INSERT, UPDATE, DELETE"
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        [database] = cursor.fetchone()
        for statement in (
            f"GRANT CONNECT ON DATABASE {database} TO {WEB_ROLE}",
            f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}",
            f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {WEB_ROLE}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            f"GRANT {rights} ON TABLES TO {WEB_ROLE}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            f"GRANT USAGE ON SEQUENCES TO {WEB_ROLE}",
            f"REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {WEB_ROLE}, PUBLIC",
        ):
            cursor.execute(statement)
        for table in _append_only_tables(cursor):
            cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {WEB_ROLE}")


def _append_only_tables(cursor):
    cursor.execute(
        r"SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
        r"WHERE tgname LIKE '%\_append\_only' AND NOT tgisinternal"
    )
    return [table for (table,) in cursor.fetchall()]


def _one(connection, sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return bool(row and row[0])
