"""The database says no to the web role, whatever the program may do."""

import pytest
from django.db import DatabaseError, connection, transaction

from projects.funding import actions
from projects.funding.tests.test_rules import put_in
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_line,
    make_request,
    make_source,
    submitted_request,
    verified_request,
)

TABLES = [
    "allotment",
    "budgetline",
    "decisionletter",
    "fundingrequest",
    "release",
    "reservation",
    "revision",
    "tranche",
    "transition",
    "verification",
]
HISTORY = sorted(set(TABLES) - {"allotment", "budgetline", "fundingrequest"})


@pytest.fixture
def paid(cast, project, ceiling):
    return put_in("running", cast, project, ceiling)


@pytest.mark.parametrize("table", TABLES)
def test_no_table_of_money_can_be_emptied_or_its_guards_switched_off(
    paid, refused, table
):
    refused(f"TRUNCATE projects_{table} CASCADE")
    refused(f"ALTER TABLE projects_{table} DISABLE TRIGGER ALL")
    refused(f"ALTER TABLE projects_{table} DISABLE TRIGGER USER")
    refused(f"DROP TABLE projects_{table} CASCADE")


def test_triggers_cannot_be_set_aside_for_a_session(paid, refused):
    refused("SET session_replication_role = replica")


@pytest.mark.parametrize("table", TABLES)
def test_no_row_of_money_can_be_deleted(paid, refused, table):
    refused(f"DELETE FROM projects_{table}")


@pytest.mark.parametrize("table", HISTORY)
def test_history_cannot_be_rewritten(paid, refused, table):
    refused(f"UPDATE projects_{table} SET id = id")


@pytest.mark.parametrize("table", HISTORY)
def test_history_is_kept_by_a_trigger_too_not_by_rights_alone(paid, db, table):
    """Where an operator gives one database role only, the trigger must do."""
    for sql in ("UPDATE projects_{} SET id = id", "DELETE FROM projects_{}"):
        with pytest.raises(DatabaseError, match="riwayat tidak boleh"):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql.format(table))


def test_a_request_starts_as_a_draft(cast, project, ceiling, refused):
    columns = (
        "project_id, title, year, background, letter_number, status, status_since,"
        " step, revision, version, requested, approved, released, decision_letter,"
        " author_id, submitted_by_id, verified_by_id, decided_by_id, updated_by_id,"
        " created_at, updated_at"
    )
    for status in ("submitted", "verified", "approved", "running", "rejected"):
        refused(
            f"INSERT INTO projects_fundingrequest ({columns}) VALUES"
            " (%s, 'a', 2026, 'b', '', %s, now(), 1, 1, 1, 9, 9, 0, '',"
            " %s, %s, %s, %s, %s, now(), now())",
            project.pk,
            status,
            cast.operator.pk,
            cast.head.pk,
            cast.verifier.pk,
            cast.camat.pk,
            cast.operator.pk,
            match="tidak boleh ke",
        )


@pytest.mark.parametrize(
    "status", ["verified", "approved", "running", "rejected", "returned"]
)
def test_a_draft_moves_nowhere_but_to_the_district(project, ceiling, refused, status):
    request = make_request(project, ceiling)
    refused(
        "UPDATE projects_fundingrequest SET status = %s, step = step + 1 WHERE id = %s",
        status,
        request.pk,
        match="tidak boleh ke",
    )


def test_no_move_without_its_row_of_history(cast, project, ceiling, refused):
    request = verified_request(project, ceiling)
    for step in ("step + 1", "step", "step + 2"):
        refused(
            "UPDATE projects_fundingrequest SET status = 'rejected',"
            f" step = {step}, decided_by_id = %s WHERE id = %s",
            cast.camat.pk,
            request.pk,
            match="tanpa catatan",
        )


def test_no_row_of_history_without_its_move(cast, project, ceiling, refused):
    request = submitted_request(project, ceiling)
    for number, match in ((3, "tanpa perpindahan"), (0, "numbered_from_one")):
        refused(
            "INSERT INTO projects_transition (request_id, number, from_status,"
            " to_status, revision, by_id, office, reason, at)"
            " VALUES (%s, %s, 'submitted', 'verified', 1, %s, 'Camat', '', now())",
            request.pk,
            number,
            cast.camat.pk,
            match=match,
        )


def test_a_move_is_not_put_in_another_name(cast, project, ceiling, refused):
    """The decider on the request is who the history names."""
    request = submitted_request(project, ceiling)
    refused(
        "WITH moved AS (UPDATE projects_fundingrequest SET status = 'rejected',"
        " status_since = now(), step = 3, decided_by_id = %s WHERE id = %s"
        " RETURNING id)"
        " INSERT INTO projects_transition (request_id, number, from_status,"
        " to_status, revision, by_id, office, reason, at)"
        " SELECT id, 3, 'submitted', 'rejected', 1, %s, 'Camat', 'x', now()"
        " FROM moved",
        cast.camat.pk,
        request.pk,
        cast.admin.pk,
        match="pelaku tidak sama",
    )


@pytest.mark.parametrize(
    "change",
    [
        "author_id = {admin}",
        "project_id = project_id + 1",
        "submitted_by_id = {admin}",
        "verified_by_id = {admin}",
        "decided_by_id = {admin}",
        "paid_by_id = {admin}",
        "title = 'Lain'",
        "year = year - 1",
        "requested = requested + 1",
        "approved = approved - 1",
        "released = released + 1",
        "released = 0",
        "revision = revision + 1",
        "letter_number = 'lain'",
        "decision_letter = 'lain'",
        "status_since = now() - interval '9 days'",
        "step = step + 1",
    ],
)
def test_what_was_paid_for_cannot_be_changed(cast, paid, refused, change):
    refused(
        "UPDATE projects_fundingrequest SET "
        + change.format(admin=cast.admin.pk)
        + " WHERE id = %s",
        paid.pk,
    )


def test_the_author_of_a_draft_stays_its_author(cast, project, ceiling, refused):
    """Else whoever wrote it could approve it under another's name."""
    request = make_request(project, ceiling)
    refused(
        "UPDATE projects_fundingrequest SET author_id = %s WHERE id = %s",
        cast.head.pk,
        request.pk,
        match="sudah dikunci",
    )


@pytest.mark.parametrize(
    "column, party",
    [
        ("verified_by_id", "author_id"),
        ("verified_by_id", "submitted_by_id"),
        ("decided_by_id", "author_id"),
        ("decided_by_id", "submitted_by_id"),
        ("decided_by_id", "verified_by_id"),
        ("paid_by_id", "author_id"),
        ("paid_by_id", "submitted_by_id"),
        ("paid_by_id", "verified_by_id"),
        ("paid_by_id", "decided_by_id"),
    ],
)
def test_no_party_judges_its_own_request(project, ceiling, refused, column, party):
    before = {"verified": submitted_request, "decided": verified_request}
    make = before.get(column.split("_")[0], approved_request)
    to = {"verified": "verified", "decided": "rejected", "paid": "running"}
    request = make(project, ceiling)
    refused(
        f"UPDATE projects_fundingrequest SET status = %s, step = step + 1,"
        f" released = CASE WHEN %s = 'running' THEN 1 ELSE 0 END, {column} = {party}"
        " WHERE id = %s",
        *[to[column.split("_")[0]]] * 2,
        request.pk,
        match="is_no_party",
    )


@pytest.mark.parametrize(
    "change, match",
    [
        ("approved = amount + 1", "approved_within_requested"),
        ("approved = -1", "check constraint"),
        ("approved = 0", "cut_has_reason"),
        ("approved = amount - 1", "cut_has_reason"),
        ("approved = amount", "berbeda"),
        ("description = 'Lain'", "sudah dikunci"),
        ("unit_price = unit_price + 1", "sudah dikunci"),
        ("quantity = quantity * 2", "sudah dikunci"),
        ("allotment_id = NULL", "sudah dikunci"),
    ],
)
def test_a_line_under_decision_keeps_to_what_was_asked(
    project, ceiling, refused, change, match
):
    request = verified_request(project, ceiling)
    refused(
        f"UPDATE projects_budgetline SET {change} WHERE request_id = %s",
        request.pk,
        match=match,
    )


@pytest.mark.parametrize("status", ["submitted", "approved", "running", "rejected"])
def test_a_sent_budget_is_frozen(cast, project, ceiling, refused, status):
    request = put_in(status, cast, project, ceiling)
    refused(
        "UPDATE projects_budgetline SET unit_price = 1 WHERE request_id = %s",
        request.pk,
        match="sudah dikunci",
    )
    refused(
        'INSERT INTO projects_budgetline (request_id, "group", description,'
        " quantity, unit, unit_price, cut_reason)"
        " VALUES (%s, '1material', 'a', 1, 'b', 1, '')",
        request.pk,
        match="sudah dikunci",
    )


def test_a_line_does_not_move_to_another_request(project, ceiling, refused):
    first, second = make_request(project, ceiling), make_request(project, ceiling)
    refused(
        "UPDATE projects_budgetline SET request_id = %s WHERE request_id = %s",
        second.pk,
        first.pk,
        match="tidak boleh pindah",
    )


@pytest.mark.parametrize("price", ["-1", "0", "1.5e30"])
def test_a_price_is_whole_rupiah_above_nothing(project, ceiling, refused, price):
    request = make_request(project, ceiling)
    refused(
        f"UPDATE projects_budgetline SET unit_price = {price} WHERE request_id = %s",
        request.pk,
    )


def test_every_column_of_money_is_a_bigint(db):
    from django.apps import apps

    from leksono_portal.kit.money import RupiahField

    fields = [
        field
        for model in apps.get_app_config("projects").get_models()
        for field in model._meta.get_fields()
        if field.name
        in {"amount", "approved", "before", "ceiling", "released", "requested"}
        | {"reserved"}
        and field.concrete
    ]
    kinds = [getattr(field, "output_field", field) for field in fields]
    assert len(kinds) > 8
    assert all(isinstance(kind, RupiahField) for kind in kinds)


@pytest.mark.parametrize(
    "change, match",
    [
        ("ceiling = reserved - 1", "within_ceiling"),
        ("reserved = ceiling + 1", "within_ceiling"),
        ("reserved = 0", "tidak sama dengan ikatannya"),
        ("reserved = reserved + 1", "tidak sama dengan ikatannya"),
        ("year = year + 1", "boleh berubah"),
        ("proposed_by_id = confirmed_by_id", "boleh berubah"),
        ("confirmed_by_id = proposed_by_id", "confirmed_by_another"),
        ("confirmed_by_id = NULL, confirmed_at = NULL", "only_when_confirmed"),
    ],
)
def test_a_ceiling_holds_what_is_bound(paid, refused, change, match):
    refused(f"UPDATE projects_allotment SET {change}", match=match)


def test_money_is_bound_and_planned_only_by_the_decision(
    cast, project, ceiling, refused
):
    request = verified_request(project, ceiling)
    refused(
        "INSERT INTO projects_reservation (request_id, allotment_id, amount, at)"
        " VALUES (%s, %s, 5, now())",
        request.pk,
        ceiling.pk,
        match="berbeda|tidak sama",
    )
    refused(
        "INSERT INTO projects_tranche (request_id, number, amount) VALUES (%s, 1, 5)",
        request.pk,
        match="berbeda",
    )


def test_a_tranche_is_paid_once(cast, paid, refused):
    refused(
        "INSERT INTO projects_release (tranche_id, reference, paid_on, by_id, at)"
        " SELECT id, 'lain', now(), %s, now() FROM projects_tranche",
        cast.treasurer.pk,
        match="unique",
    )


def test_a_payment_needs_its_move(cast, project, ceiling, refused):
    approved_request(project, ceiling)
    refused(
        "INSERT INTO projects_release (tranche_id, reference, paid_on, by_id, at)"
        " SELECT id, 'TRF', now(), %s, now() FROM projects_tranche",
        cast.treasurer.pk,
        match="cair tidak sama|tanpa laporannya",
    )


def test_a_transfer_number_pays_once(cast, project, ceiling, paid, refused):
    approved_request(project, ceiling)
    refused(
        "INSERT INTO projects_release (tranche_id, reference, paid_on, by_id, at)"
        " SELECT max(id), 'TRF-1', now(), %s, now() FROM projects_tranche",
        cast.treasurer.pk,
        match="unique",
    )


def test_a_verification_or_revision_is_not_written_ahead(
    cast, project, ceiling, refused
):
    request = submitted_request(project, ceiling)
    refused(
        "INSERT INTO projects_verification (request_id, revision, checklist, by_id, at)"
        " VALUES (%s, 1, '[]', %s, now())",
        request.pk,
        cast.verifier.pk,
        match="mendahului",
    )
    refused(
        "INSERT INTO projects_revision (request_id, number, content, by_id, at)"
        " VALUES (%s, 2, '[]', %s, now())",
        request.pk,
        cast.head.pk,
        match="mendahului",
    )


def test_what_is_asked_is_the_sum_of_the_lines(cast, project, ceiling, refused):
    request = make_request(project, ceiling)
    make_line(request, None)
    request.refresh_from_db()
    refused(
        "WITH moved AS (UPDATE projects_fundingrequest SET status = 'submitted',"
        " status_since = now(), step = 2, revision = 1, submitted_by_id = %s,"
        " requested = requested + 1 WHERE id = %s RETURNING id), revised AS ("
        " INSERT INTO projects_revision (request_id, number, content, by_id, at)"
        " SELECT id, 1, '[]', %s, now() FROM moved)"
        " INSERT INTO projects_transition (request_id, number, from_status,"
        " to_status, revision, by_id, office, reason, at)"
        " SELECT id, 2, 'draft', 'submitted', 1, %s, 'Kepala Desa', '', now()"
        " FROM moved",
        cast.head.pk,
        request.pk,
        cast.head.pk,
        cast.head.pk,
        match="diminta tidak sama",
    )


@pytest.mark.parametrize("name", ["operator", "head", "verifier", "camat", "treasurer"])
def test_people_who_acted_are_never_deleted(cast, paid, refused, name):
    refused("DELETE FROM villages_user WHERE id = %s", getattr(cast, name).pk)


def test_a_ceiling_stands_once_for_a_source_year_and_owner(
    cast, project, ceiling, refused
):
    refused(
        "INSERT INTO projects_allotment (source_id, year, district_id, ceiling,"
        " reserved, proposed_by_id, proposed_at)"
        " SELECT source_id, year, district_id, 1, 0, proposed_by_id, now()"
        " FROM projects_allotment",
        match="once_a_year",
    )


def test_the_ordinary_way_passes_all_guards_as_the_web_role(
    cast, project, ceiling, as_web_role
):
    other = make_allotment(
        cast.district, village=cast.timbang, source=make_source("dd", "Dana Desa")
    )
    with as_web_role():
        request = make_request(project, ceiling)
        make_line(request, other)
        request.refresh_from_db()
        actions.withdraw(by=cast.head, request_id=request.pk, step=1)
        put_in("running", cast, project, ceiling)
