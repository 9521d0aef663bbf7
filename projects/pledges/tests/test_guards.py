"""The database keeps a pledge, its history and its receipts together, against the web
role; and what happens at once happens once."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from leksono_portal.kit.errors import Stale
from leksono_portal.kit.tests.threads import at_once
from projects.pledges import actions
from projects.pledges.models import Pledge
from projects.tests.make import (
    agreed_pledge,
    head_of,
    make_photo,
    make_pledge,
    make_project,
    receive_pledge,
    received_pledge,
    staff_of,
    used_pledge,
)

MOVE = (
    "INSERT INTO projects_pledgemove"
    " (pledge_id, number, from_status, to_status, by_id, office, reason, at)"
    " SELECT id, step + {ahead}, '{before}', '{after}', recorded_by_id, 'Camat',"
    " '{reason}', now() FROM projects_pledge"
)
STEP = "UPDATE projects_pledge SET status = '{after}', step = step + 1"
RECEIPT = (
    "INSERT INTO projects_pledgereceipt"
    " (pledge_id, number, received_on, amount, quantity, reference, by_id, office, at)"
    " SELECT id, receipt_count + 1, {day}, {amount}, {quantity}, 'BAST/X',"
    " recorded_by_id, 'Operator', now() FROM projects_pledge"
)
TODAY = "(now() AT TIME ZONE 'Asia/Jakarta')::date"


def receipt(amount, *, quantity="NULL", day=TODAY):
    return RECEIPT.format(amount=amount, quantity=quantity, day=day)


def move(before, after, reason="Alasan", ahead=1):
    return MOVE.format(before=before, after=after, reason=reason, ahead=ahead)


@pytest.fixture
def project(cast):
    return make_project()


def test_a_pledge_moves_only_with_its_row_of_history(project, refused):
    make_pledge(project)
    step = STEP.format(after="agreed")
    refused(step, match="tanpa catatan riwayat")
    refused(move("offered", "agreed"), match="catatan tanpa perpindahan")
    refused(f"{move('offered', 'declined')}; {step}", match="tanpa catatan riwayat")
    refused(
        f"{move('offered', 'agreed')};"
        " UPDATE projects_pledge SET status = 'agreed', step = step + 2",
        match="tanpa catatan riwayat",
    )


@pytest.mark.parametrize("after", ["received", "used", "draft", ""])
def test_a_pledge_moves_only_along_its_path(project, refused, after):
    make_pledge(project)
    step = STEP.format(after=after)
    refused(f"{move('offered', after)}; {step}", match="tidak boleh ke")


@pytest.mark.parametrize("before", ["declined", "withdrawn"])
def test_what_is_over_does_not_begin_again(cast, project, refused, before):
    pledge = make_pledge(project)
    act = actions.decline if before == "declined" else actions.withdraw
    act(by=cast.head, pledge_id=pledge.pk, version=1, reason="Tidak sesuai.")
    step = STEP.format(after="agreed")
    refused(f"{move(before, 'agreed')}; {step}", match="tidak boleh ke")


@pytest.mark.parametrize("status", ["agreed", "received", "used", "withdrawn"])
def test_a_new_pledge_starts_at_offered(project, refused, status):
    make_pledge(project)
    columns = ", ".join(
        field.column
        for field in Pledge._meta.concrete_fields
        if field.column not in ("id", "status")
    )
    refused(
        f"INSERT INTO projects_pledge ({columns}, status)"
        f" SELECT {columns}, '{status}' FROM projects_pledge",
        match="tidak boleh ke",
    )


@pytest.mark.parametrize(
    "columns",
    [
        "amount = amount + 1",
        "what = 'Sesuatu yang lain'",
        "partner_id = partner_id + 1",
        "project_id = project_id + 1",
        "kind = 'goods', amount = NULL",
        "recorded_by_id = updated_by_id + 1",
        "letter_number = '1', letter_date = now()",
        "outcome = 'Dua puluh huruf lebih sedikit'",
    ],
)
def test_what_was_promised_never_changes(project, refused, columns):
    agreed_pledge(project)
    refused(f"UPDATE projects_pledge SET {columns}", match="sudah dikunci")


@pytest.mark.parametrize("amount", [1, 5_000_000])
def test_money_does_not_come_without_a_receipt(project, refused, amount):
    agreed_pledge(project)
    refused(
        f"UPDATE projects_pledge SET received = {amount}, receipt_count = 1",
        match="tidak sama dengan penerimaannya",
    )


def test_a_receipt_alone_makes_no_total(project, refused):
    agreed_pledge(project)
    refused(receipt(1), match="tidak sama dengan penerimaannya")


def test_never_more_comes_than_was_promised(project, refused):
    agreed_pledge(project)
    refused(
        f"{receipt(5_000_001)};"
        " UPDATE projects_pledge SET received = 5000001, receipt_count = 1",
        match="received_within_promised",
    )


def test_never_more_goods_come_than_were_promised(project, refused):
    agreed_pledge(project, kind="goods", quantity=Decimal(20), unit="sak")
    refused(
        f"{receipt('NULL', quantity='20.001')};"
        " UPDATE projects_pledge SET received_quantity = 20.001, receipt_count = 1",
        match="received_quantity_within_promised",
    )


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        (receipt(1, day=f"{TODAY} + 1"), "di luar masanya"),
        (receipt(1, day=f"{TODAY} - 1"), "di luar masanya"),
        (receipt("NULL", quantity="1"), "ukuran lain"),
        (receipt("NULL"), "ukuran lain"),
        (receipt(0), "is_of_something"),
    ],
)
def test_a_receipt_is_of_its_day_and_measure(project, refused, sql, match):
    agreed_pledge(project)
    refused(sql, match=match)


@pytest.mark.parametrize("make", [make_pledge, received_pledge, used_pledge])
def test_nothing_comes_of_what_is_not_agreed(project, refused, make):
    make(project)
    refused(receipt(1), match="tidak dapat diterima")


def test_received_means_all_of_it_or_a_reason(project, refused):
    pledge = agreed_pledge(project)
    step = STEP.format(after="received")
    refused(f"{move('agreed', 'received', '')}; {step}", match="belum semua diterima")
    refused(f"{move('agreed', 'received')}; {step}", match="belum semua diterima")
    receive_pledge(pledge, 1)
    refused(f"{move('agreed', 'received', '')}; {step}", match="belum semua diterima")


def test_a_word_is_not_taken_back_once_something_came(project, refused):
    receive_pledge(agreed_pledge(project), 1)
    step = STEP.format(after="withdrawn")
    refused(f"{move('agreed', 'withdrawn')}; {step}", match="received_only_when_agreed")


@pytest.mark.parametrize("after", ["declined", "withdrawn"])
def test_a_no_says_why(project, refused, after):
    make_pledge(project)
    refused(move("offered", after, ""), match="says_why")


def test_used_means_that_it_was_told(project, refused):
    received_pledge(project)
    step = STEP.format(after="used")
    told = f"{move('received', 'used', '')}; {step}"
    refused(told, match="told_what_became_of_it")
    refused(f"{told}, outcome = 'Terlalu pendek'", match="told_what_became_of_it")


def test_a_photo_of_another_project_is_no_proof(cast, project, refused):
    photo = make_photo(make_project(title="Lain"))
    received_pledge(project)
    step = STEP.format(after="used")
    refused(
        f"{move('received', 'used', '')}; {step}, outcome = 'Pipa terpasang di RT 02',"
        f" outcome_photo_id = {photo.pk}",
        match="dari proyek lain",
    )


@pytest.mark.parametrize(
    "table", ["projects_pledgemove", "projects_pledgereceipt", "projects_thanksletter"]
)
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_cannot_be_changed(project, refused, table, sql):
    refused(sql.format(table), match="permission denied")


def test_no_pledge_is_deleted(project, refused):
    make_pledge(project)
    refused("DELETE FROM projects_pledge", match="tidak boleh dihapus")


# At once ----------------------------------------------------------------------


def receiving(pledge, amount, number):
    return lambda: actions.receive(
        by=staff_of(pledge.project.lead_village),
        pledge_id=pledge.pk,
        version=pledge.version,
        received_on=pledge.agreed_on,
        reference=f"BAST/{number}",
        amount=amount,
    )


@pytest.mark.django_db(transaction=True)
def test_two_receipts_at_once_never_exceed_the_pledge(cast):
    pledge = agreed_pledge(make_project())
    outcomes = at_once(*(receiving(pledge, 3_000_000, number) for number in range(4)))
    assert sum(isinstance(one, Stale) for one in outcomes) == 3
    pledge.refresh_from_db()
    assert (pledge.received, pledge.receipts.count()) == (3_000_000, 1)


@pytest.mark.django_db(transaction=True)
def test_each_with_a_page_of_its_own_they_still_never_exceed_it(cast):
    """As if everyone had opened the page anew: each tries until it is refused."""
    pledge = agreed_pledge(make_project())

    def trying(number):
        def deed():
            came = 0
            while True:
                try:
                    receive_pledge(
                        Pledge.objects.get(pk=pledge.pk),
                        2_000_000,
                        reference=f"BAST/{number}/{came}",
                    )
                    came += 1
                except Stale:
                    continue
                except (PermissionDenied, ValidationError):
                    return came

        return deed

    assert sum(at_once(*(trying(number) for number in range(4)))) == 2
    pledge.refresh_from_db()
    assert (pledge.received, pledge.status) == (4_000_000, "agreed")


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_at_once_is_one_of_them(cast):
    pledge = make_pledge(make_project())
    head, seen = head_of(pledge), {"pledge_id": pledge.pk, "version": 1}
    outcomes = at_once(
        lambda: actions.agree(by=head, **seen),
        lambda: actions.decline(by=head, **seen, reason="Tidak sesuai."),
        lambda: actions.withdraw(by=cast.sekcam, **seen, reason="Batal."),
    )
    assert sum(isinstance(one, Stale) for one in outcomes) == 2
    assert pledge.moves.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_partner_is_thanked_once(cast):
    pledge = received_pledge(make_project())
    seen = {"pledge_id": pledge.pk, "version": pledge.version}
    outcomes = at_once(
        lambda: actions.thank(by=cast.camat, **seen, number="1"),
        lambda: actions.thank(by=cast.head, **seen, number="2"),
    )
    assert sum(isinstance(one, Stale) for one in outcomes) == 1
