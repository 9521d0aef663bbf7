"""The database keeps a ceiling and its changes together, against the web role."""

import pytest

from projects.sources.models import Allotment
from projects.tests.make import (
    approved_request,
    make_allotment,
    make_change,
    make_project,
)

ACCEPT = (
    "UPDATE projects_ceilingchange SET is_accepted = true, decided_by_id = %s,"
    " decided_at = now(), before = {before}, note = '' WHERE id = %s"
)
FOLLOW = "; UPDATE projects_allotment SET ceiling = {ceiling}"
INSERT = (
    "INSERT INTO projects_ceilingchange (allotment_id, amount, reason, proposed_by_id,"
    " proposed_at, note) VALUES (%s, %s, %s, %s, now(), '')"
)


@pytest.fixture
def ceiling(cast):
    return make_allotment(cast.district, ceiling=100)


@pytest.fixture
def change(ceiling):
    return make_change(ceiling, 80)


@pytest.fixture
def attack(refused):
    """Several statements as one, with numbers and Nones only among `params`."""

    def run(sql, *params, match):
        for value in params:
            sql = sql.replace("%s", "NULL" if value is None else str(value), 1)
        refused(sql, match=match)

    return run


def test_a_confirmed_ceiling_does_not_change_by_itself(ceiling, refused):
    for sql in ("ceiling = 99", "ceiling = 101", "ceiling = ceiling + 1"):
        refused(
            f"UPDATE projects_allotment SET {sql}",
            match="tanpa perubahan yang ditetapkan",
        )


def test_a_proposal_alone_moves_no_ceiling(change, refused):
    refused(
        "UPDATE projects_allotment SET ceiling = 80",
        match="tanpa perubahan yang ditetapkan",
    )


@pytest.mark.parametrize("amount", [100, 81, 79])
def test_after_a_change_the_ceiling_stands_again(ceiling, refused, amount):
    make_change(ceiling, 80, accept=True)
    refused(
        f"UPDATE projects_allotment SET ceiling = {amount}",
        match="tanpa perubahan yang ditetapkan",
    )


def test_a_declined_change_moves_no_ceiling(ceiling, refused):
    make_change(ceiling, 80, accept=False, note="Belum ada dasarnya.")
    refused(
        "UPDATE projects_allotment SET ceiling = 80",
        match="tanpa perubahan yang ditetapkan",
    )


@pytest.mark.parametrize(
    "columns",
    [
        "confirmed_by_id = NULL, confirmed_at = NULL",
        "confirmed_by_id = NULL, confirmed_at = NULL, ceiling = 5",
        "confirmed_at = now() + interval '1 day'",
    ],
)
def test_what_is_confirmed_is_not_taken_back(ceiling, refused, columns):
    refused(
        f"UPDATE projects_allotment SET {columns}", match="penetapan tidak boleh diubah"
    )


def test_accepted_means_that_the_ceiling_follows(cast, change, attack):
    """Not at all, by another amount, or twice over."""
    accept = ACCEPT.format(before=100)
    attack(accept, cast.camat.pk, change.pk, match="pagunya tidak ikut")
    for ceiling in (79, 81):
        attack(
            accept + FOLLOW.format(ceiling=ceiling),
            cast.camat.pk,
            change.pk,
            match="tanpa perubahan yang ditetapkan",
        )
    attack(
        accept + FOLLOW.format(ceiling=80) + FOLLOW.format(ceiling=100),
        cast.camat.pk,
        change.pk,
        match="tanpa perubahan yang ditetapkan",
    )


@pytest.mark.parametrize("before", [99, 80, "NULL"])
def test_a_change_says_what_the_ceiling_was(cast, change, attack, before):
    attack(
        ACCEPT.format(before=before) + FOLLOW.format(ceiling=80),
        cast.camat.pk,
        change.pk,
        match="tidak berangkat dari pagu yang berlaku",
    )


def test_a_ceiling_first_and_the_change_after_is_no_way_round(cast, change, attack):
    attack(
        FOLLOW.format(ceiling=80)[2:] + "; " + ACCEPT.format(before=100),
        cast.camat.pk,
        change.pk,
        match="tanpa perubahan yang ditetapkan",
    )


def test_a_change_does_not_go_below_what_is_bound(cast, ceiling, attack):
    change = make_change(ceiling, 80)
    approved_request(make_project(), ceiling, asked=(90,))
    attack(
        ACCEPT.format(before=100) + FOLLOW.format(ceiling=80),
        cast.camat.pk,
        change.pk,
        match="within_ceiling",
    )


def test_two_changes_in_one_transaction_leave_no_gap(cast, ceiling, change, attack):
    """The first accepted and passed over, the second applied to the old ceiling."""
    second = INSERT % (ceiling.pk, 70, "'Perubahan kedua'", cast.treasurer.pk)
    accept = ACCEPT.format(before=100)
    attack(
        f"{accept}; {second}; "
        + accept.replace("WHERE id = %s", "WHERE decided_at IS NULL")
        + FOLLOW.format(ceiling=70),
        cast.camat.pk,
        change.pk,
        cast.camat.pk,
        match="pagunya tidak ikut",
    )


def test_no_change_is_slipped_in_before_another(cast, ceiling, change, attack):
    make_change_of = INSERT.replace("(allotment_id", "(id, allotment_id")
    make_change_of = make_change_of.replace("VALUES (", f"VALUES ({change.pk - 1}, ")
    accept = ACCEPT.format(before=100) + FOLLOW.format(ceiling=80)
    slipped = make_change_of % (ceiling.pk, 100, "'Tidak pernah'", cast.treasurer.pk)
    attack(
        f"{accept}; {slipped}; {ACCEPT.format(before=80)}",
        cast.camat.pk,
        change.pk,
        cast.camat.pk,
        change.pk - 1,
        match="tidak berangkat dari pagu yang berlaku",
    )


@pytest.mark.parametrize(
    "columns",
    [
        "amount = 60",
        "reason = 'Alasan lain sama sekali'",
        "proposed_at = now() - interval '1 day'",
        "proposed_by_id = {camat}",
        "note = 'Belum diputuskan'",
    ],
)
def test_what_was_proposed_stays(cast, change, refused, columns):
    sql = columns.format(camat=cast.camat.pk)
    refused(f"UPDATE projects_ceilingchange SET {sql}", match="sekali")
    decided = "decided_by_id = %s, decided_at = now(), is_accepted = false, note = 'a'"
    if not columns.startswith("note"):
        refused(
            f"UPDATE projects_ceilingchange SET {decided}, {sql}",
            cast.camat.pk,
            match="sekali",
        )


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize(
    "columns",
    [
        "is_accepted = NOT is_accepted",
        "is_accepted = NULL, decided_by_id = NULL, decided_at = NULL, before = NULL,"
        " note = ''",
        "note = 'Alasan lain'",
        "before = 90",
        "decided_at = now() - interval '1 day'",
        "id = id",
    ],
)
def test_a_decision_is_made_once(ceiling, refused, accept, columns):
    make_change(ceiling, 80, accept=accept, note="" if accept else "Belum.")
    refused(f"UPDATE projects_ceilingchange SET {columns}", match="sekali")


@pytest.mark.parametrize("accept", [None, True, False])
def test_no_change_is_deleted(ceiling, refused, accept):
    make_change(ceiling, 80, accept=accept, note="" if accept else "Belum.")
    refused("DELETE FROM projects_ceilingchange", match="tidak boleh dihapus")
    refused("TRUNCATE projects_ceilingchange")
    refused("DELETE FROM projects_allotment", match="tidak boleh dihapus")


def test_a_change_begins_open_on_a_ceiling_in_force(cast, ceiling, refused):
    match = "dimulai sebagai usulan"
    refused(
        "INSERT INTO projects_ceilingchange (allotment_id, amount, reason,"
        " proposed_by_id, proposed_at, decided_by_id, decided_at, is_accepted, note)"
        " VALUES (%s, 80, 'Alasan lengkap', %s, now(), %s, now(), false, 'Tidak')",
        ceiling.pk,
        cast.treasurer.pk,
        cast.camat.pk,
        match=match,
    )
    proposed = make_allotment(cast.district, village=cast.besani, is_confirmed=False)
    refused(INSERT, proposed.pk, 80, "Alasan", cast.treasurer.pk, match=match)


def test_one_change_waits_at_a_time(cast, ceiling, change, refused):
    values = ceiling.pk, 70, "Alasan", cast.treasurer.pk
    refused(INSERT, *values, match="ceiling_change_one_open")


@pytest.mark.parametrize(
    "values, name",
    [
        ((0, "Alasan"), "ceiling_change_changes_it"),
        ((-1, "Alasan"), "check"),
        ((80, ""), "ceiling_change_says_why"),
    ],
)
def test_a_proposal_is_an_amount_and_a_reason(cast, ceiling, refused, values, name):
    refused(INSERT, ceiling.pk, *values, cast.treasurer.pk, match=name)


@pytest.mark.parametrize(
    "columns, name",
    [
        ("decided_by_id = proposed_by_id, is_accepted = false, note = 'a'", "another"),
        ("decided_by_id = NULL, is_accepted = false, note = 'a'", "decided_whole"),
        ("decided_by_id = {camat}", "decided_whole"),
        ("decided_by_id = {camat}, is_accepted = false", "refused_says_why"),
        (
            "decided_by_id = {camat}, is_accepted = false, before = 100, note = 'a'",
            "refused_says_why",
        ),
        (
            "decided_by_id = {camat}, is_accepted = true, before = 100, note = 'a'",
            "refused_says_why",
        ),
    ],
)
def test_a_decision_is_whole_and_another_persons(cast, change, refused, columns, name):
    columns = columns.format(camat=cast.camat.pk)
    refused(
        f"UPDATE projects_ceilingchange SET decided_at = now(), {columns}",
        match=f"ceiling_change_.*{name}",
    )


def test_a_change_that_changes_nothing_is_none(cast, ceiling, attack):
    attack(
        INSERT.replace("%s, %s, %s, %s", f"{ceiling.pk}, 100, 'a', {cast.treasurer.pk}")
        + "; "
        + ACCEPT.replace("WHERE id = %s", "").format(before=100),
        cast.camat.pk,
        match="ceiling_change_changes_it",
    )


def test_the_ordinary_way_passes_all_guards_as_the_web_role(cast, ceiling, as_web_role):
    with as_web_role():
        make_change(ceiling, 80, accept=False, note="Belum ada dasarnya.")
        make_change(ceiling, 90, accept=True)
        ceiling.refresh_from_db()
        make_change(ceiling, 120, accept=True)
    assert Allotment.objects.get().ceiling == 120
