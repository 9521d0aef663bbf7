"""The database says no to the web role, whatever the program may do."""

import pytest

from leksono_portal.kit import dates
from projects.accounts import actions
from projects.accounts.tests.test_actions import complete, spend_all
from projects.tests.make import (
    accepted_account,
    approved_request,
    make_cancellation,
    make_photo,
    make_receipt,
    released_request,
    sent_account,
)

TABLES = ["account", "accountmove", "leftover", "receipt", "settlement"]
HISTORY = ["accountmove", "leftover", "settlement"]


@pytest.fixture
def closed(cast, project, ceiling):
    """A request that is completed, with a rupiah left over."""
    request = released_request(project, ceiling, reference="TRF-9")
    account = request.tranches.get().release.account
    accepted_account(account, amount=29_999_999)
    make_photo(project, moment="100")
    request.refresh_from_db()
    return complete(cast, request, reference="STS-1", paid_on=dates.today())


@pytest.mark.parametrize("table", TABLES)
def test_no_table_of_accounts_can_be_emptied(closed, refused, table):
    refused(f"TRUNCATE projects_{table} CASCADE")
    refused(f"DELETE FROM projects_{table}")


@pytest.mark.parametrize("table", HISTORY)
def test_what_was_closed_cannot_be_rewritten(closed, refused, table):
    refused(f"UPDATE projects_{table} SET id = id")


RELEASE = """
    INSERT INTO projects_release (tranche_id, reference, paid_on, by_id, at)
    SELECT id, 'X', now(), %s, now() FROM projects_tranche WHERE number = 2
"""


def test_a_tranche_is_not_paid_before_its_turn(cast, paid, account, refused):
    refused(RELEASE, cast.treasurer.pk, match="gilirannya")
    sent_account(account)
    refused(RELEASE, cast.treasurer.pk, match="gilirannya")


@pytest.mark.parametrize("who", ["operator", "head", "verifier", "camat"])
def test_nobody_pays_what_they_had_a_part_in(cast, paid, account, refused, who):
    accepted_account(account)
    refused(RELEASE, getattr(cast, who).pk, match="ikut mengurusnya")


def test_a_tranche_is_not_paid_without_its_move(cast, paid, account, refused):
    accepted_account(account)
    refused(RELEASE, cast.treasurer.pk)
    refused(
        "UPDATE projects_fundingrequest SET released = released + 1", match="dikunci"
    )
    refused(
        "UPDATE projects_fundingrequest SET released = released + 1, step = step + 1",
        match="riwayat",
    )


def test_an_account_moves_only_with_its_row_of_history(account, refused):
    for to in ("sent", "accepted", "returned", "draft"):
        refused(
            "UPDATE projects_account"
            f" SET status = '{to}', step = step + 1, story = 'x', spent = 1"
        )


def test_receipts_stay_as_they_were_sent(cast, account, refused):
    account = sent_account(account)
    refused("UPDATE projects_receipt SET amount = 2", match="dikunci")
    refused("DELETE FROM projects_receipt", match="dikunci")
    refused("UPDATE projects_account SET spent = 2", match="dikunci")
    refused("UPDATE projects_account SET story = 'lain'", match="dikunci")
    actions.accept(by=cast.verifier, account_id=account.pk, step=account.step)
    refused("UPDATE projects_receipt SET amount = 2", match="dikunci")


def test_an_account_says_what_its_receipts_say(account, refused):
    receipt = make_receipt(account)
    refused("UPDATE projects_account SET spent = spent + 1", match="buktinya")
    refused("UPDATE projects_receipt SET amount = amount + 1", match="buktinya")
    both = """
        WITH more AS (UPDATE projects_receipt SET amount = %s WHERE id = %s)
        UPDATE projects_account SET spent = %s
    """
    for amount in (20_000_001, 30_000_001):
        refused(both, amount, receipt.pk, amount, match="melebihi")


def test_an_account_is_accepted_by_someone_without_a_part(cast, account, refused):
    account = sent_account(account)
    sql = """
        WITH moved AS (
            INSERT INTO projects_accountmove
                (account_id, number, from_status, to_status, by_id, office, reason, at)
            VALUES (%s, %s, 'sent', 'accepted', %s, 'x', '', now())),
        counted AS (UPDATE projects_fundingrequest SET accounted = %s)
        UPDATE projects_account SET status = 'accepted', step = step + 1
    """
    for who in (cast.operator, cast.head, cast.camat, cast.treasurer):
        values = (account.pk, account.step + 1, who.pk, account.spent)
        refused(sql, *values, match="ikut mengurusnya")


def test_what_is_accounted_for_is_what_was_accepted(paid, account, refused):
    sent_account(account)
    refused("UPDATE projects_fundingrequest SET accounted = 1", match="laporan")


def test_a_request_is_not_closed_by_its_state_alone(paid, refused):
    request = spend_all(paid)
    sql = """
        WITH moved AS (
            INSERT INTO projects_transition (request_id, number, from_status,
                to_status, revision, by_id, office, reason, at)
            SELECT id, step + 1, 'running', 'completed', revision, %s, 'x', '', now()
            FROM projects_fundingrequest)
        UPDATE projects_fundingrequest SET status = 'completed', step = step + 1
    """
    refused(sql, request.verified_by_id, match="penutupan dana")
    refused(sql, request.paid_by_id, match="pelaku")


def test_a_ceiling_gets_back_only_what_was_not_spent(cast, paid, refused):
    spend_all(paid)
    sql = """
        WITH back AS (INSERT INTO projects_leftover (reservation_id, amount, at)
            SELECT id, 5, now() FROM projects_reservation)
        UPDATE projects_allotment SET reserved = reserved - 5
    """
    refused(sql, match="sebelum ditutup")
    refused("UPDATE projects_allotment SET reserved = reserved - 5", match="terikat")


def test_a_grant_is_not_taken_back_by_one(cast, project, ceiling, refused):
    request = approved_request(project, ceiling)
    asked = make_cancellation(request)
    refused(
        "UPDATE projects_cancellation SET is_signed = true, decided_at = now(),"
        " decided_by_id = proposed_by_id",
        match="signed_by_another",
    )
    sql = """
        WITH moved AS (
            INSERT INTO projects_transition (request_id, number, from_status,
                to_status, revision, by_id, office, reason, at)
            SELECT id, step + 1, 'approved', 'cancelled', revision, %s, 'x', 'x', now()
            FROM projects_fundingrequest)
        UPDATE projects_fundingrequest SET status = 'cancelled', step = step + 1
    """
    refused(sql, asked.proposed_by_id, match="pelaku")
    make = "INSERT INTO projects_settlement (request_id, spent, paid_back, reference,"
    make += " by_id, at) SELECT id, 0, 0, '', %s, now() FROM projects_fundingrequest"
    refused(make, cast.sekcam.pk, match="penutupan dana")
