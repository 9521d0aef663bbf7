"""What no role of the web server may do to any table that is protected."""

import pytest
from django.db import Error, connection, transaction

pytestmark = pytest.mark.django_db
PROTECTED = "_(append_only|no_truncate|no_delete|set_once|moves|locked|frozen)$"
APPEND_ONLY = {
    "forum_change",
    "forum_checkin",
    "forum_decisionlink",
    "forum_elector",
    "forum_officialrecord",
    "forum_amendment",
    "forum_proxyletter",
    "forum_postponement",
    "forum_scan",
    "kit_auditevent",
    "projects_accountmove",
    "projects_answer",
    "projects_decisionletter",
    "projects_hiding",
    "projects_leftover",
    "projects_pledgemove",
    "projects_pledgereceipt",
    "projects_progressreport",
    "projects_release",
    "projects_reporteditem",
    "projects_reservation",
    "projects_response",
    "projects_revision",
    "projects_settlement",
    "projects_stagechange",
    "projects_thanksletter",
    "projects_tranche",
    "projects_transition",
    "projects_verification",
}


def triggers(pattern):
    """{table: [names]} of our own triggers whose names end as `pattern` says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(tgname) FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgname ~ %s GROUP BY 1",
            [pattern],
        )
        return dict(cursor.fetchall())


def refused(as_web_role, *statements):
    """The database's words; fails where it lets the statements through."""
    with pytest.raises(Error) as caught, transaction.atomic(), as_web_role() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return str(caught.value)


def test_the_history_tables_are_those_we_think_they_are():
    assert set(triggers("_append_only$")) == APPEND_ONLY


def test_no_protected_table_can_be_emptied_or_its_guards_taken_away(as_web_role):
    tables = triggers(PROTECTED)
    assert APPEND_ONLY < set(tables)
    for table, names in tables.items():
        for name in names:
            for attack in (
                f"TRUNCATE {table} CASCADE",
                f"ALTER TABLE {table} DISABLE TRIGGER {name}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"DROP TRIGGER {name} ON {table}",
                f"DROP TABLE {table} CASCADE",
            ):
                words = refused(as_web_role, attack)
                assert "permission denied" in words or "must be owner" in words, attack


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize(
    "attack", ["UPDATE {table} SET id = id", "DELETE FROM {table}"]
)
def test_the_web_role_may_only_add_to_history(as_web_role, table, attack):
    assert "permission denied" in refused(as_web_role, attack.format(table=table))


def test_no_setting_switches_the_guards_off(as_web_role):
    assert "permission denied" in refused(
        as_web_role, "SET session_replication_role = replica"
    )
    # The switch of a trigger library is but a word to triggers of our own.
    words = refused(
        as_web_role,
        "SET pgtrigger.ignore = '{public.kit_auditevent}'",
        "DELETE FROM kit_auditevent",
    )
    assert "permission denied" in words


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_even_the_owner_cannot_empty_history(table):
    with pytest.raises(Error, match="dikosongkan"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")
