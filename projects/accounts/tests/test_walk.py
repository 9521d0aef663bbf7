"""Random paths of all offices over several requests, ceilings and accounts.

After every step the books are added up anew from their rows, and what must never be is
looked for; now and then someone tries it by SQL, past the program. `make test` walks
the same few paths each time; `make soak` many others.
"""

import os
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import FormKey
from projects.accounts import actions as accounts
from projects.funding import actions as funding
from projects.funding.models import FundingRequest
from projects.sources import actions as sources
from projects.sources.models import Allotment, CeilingChange
from projects.tests.make import (
    accepted_account,
    approved_request,
    asked_amounts,
    checklist,
    last_account,
    make_allotment,
    make_cancellation,
    make_photo,
    make_receipt,
    make_request,
    make_source,
    release,
    released_request,
    running_project,
)

pytestmark = pytest.mark.django_db
WALK = int(os.environ.get("WALK", 0))
REFUSED = (PermissionDenied, Stale, ValidationError)
REQUESTS = 2
MILLION = 1_000_000
# What each office does, by the rows of the table of transitions.
VERBS = {
    "draft": "operator",  # 1
    "submit": "head",  # 2, and 5 after a return
    "verify": "verifier",  # 3
    "send_back": "verifier",  # 4
    "approve": "camat",  # 6
    "reject": "camat",  # 7
    "withdraw": "head",  # 8
    "release": "treasurer",  # 9, and 10 from the second tranche on
    "hold": "camat",  # 11
    "resume": "camat",  # 11
    "complete": "verifier",  # 12
    "cancel": "camat",  # 13
    "sign": "sekcam",  # 13
    "spend": "operator",
    "send": "head",
    "return": "verifier",
    "accept": "verifier",
    "change_ceiling": "treasurer",
    "decide_ceiling": "camat",
}
# What is likely next in each state of a request, of its last account while it runs.
LIKELY = {
    "draft": "submit " * 9 + "withdraw",
    "submitted": "verify " * 9 + "send_back send_back reject withdraw",
    "returned": "submit " * 4 + "withdraw",
    "verified": "approve " * 9 + "send_back reject",
    "approved": "release " * 9 + "cancel",
    "running draft": "spend " * 4 + "send " * 4 + "hold",
    "running sent": "accept " * 4 + "return return",
    "running returned": "spend send send",
    "running accepted": "release " * 4 + "complete " * 6 + "hold cancel",
    "held": "resume " * 4 + "cancel",
    "to be cancelled": "sign " * 4 + "release",
}
PEOPLE = "operator head other_head verifier camat sekcam treasurer admin".split()
# No row may ever come out of these.
NEVER = {
    "a ceiling bound for more than it is, or for another sum than its requests": """
        SELECT a.id FROM projects_allotment a WHERE a.reserved > a.ceiling
            OR a.reserved <> (
                SELECT coalesce(sum(b.amount - coalesce(l.amount, 0)), 0)
                FROM projects_reservation b
                LEFT JOIN projects_leftover l ON l.reservation_id = b.id
                WHERE b.allotment_id = a.id)""",
    "a line granted more than it asks": """
        SELECT id FROM projects_budgetline
        WHERE approved > round(quantity * unit_price)""",
    "totals that are not what the rows add up to": """
        SELECT r.id FROM projects_fundingrequest r
        WHERE r.approved <> (SELECT coalesce(sum(amount), 0) FROM projects_tranche
                WHERE request_id = r.id)
            OR r.approved <> (SELECT coalesce(sum(approved), 0)
                FROM projects_budgetline WHERE request_id = r.id)
            OR r.released <> (SELECT coalesce(sum(t.amount), 0)
                FROM projects_tranche t JOIN projects_release p ON p.tranche_id = t.id
                WHERE t.request_id = r.id)
            OR r.accounted <> (SELECT coalesce(sum(c.amount), 0)
                FROM projects_receipt c JOIN projects_account a ON a.id = c.account_id
                JOIN projects_release p ON p.id = a.release_id
                JOIN projects_tranche t ON t.id = p.tranche_id
                WHERE t.request_id = r.id AND a.status = 'accepted')
            OR NOT (r.accounted <= r.released AND r.released <= r.approved
                AND r.approved <= r.requested)""",
    "a line or a request spent beyond what was granted and paid": """
        SELECT n.request_id FROM projects_receipt c
        JOIN projects_budgetline n ON n.id = c.line_id
        GROUP BY n.request_id, n.id HAVING sum(c.amount) > max(n.approved)
        UNION SELECT r.id FROM projects_fundingrequest r
        JOIN projects_budgetline n ON n.request_id = r.id
        JOIN projects_receipt c ON c.line_id = n.id
        GROUP BY r.id HAVING sum(c.amount) > r.released""",
    "a tranche paid before the one before it was accounted for": """
        SELECT t.id FROM projects_tranche t
        JOIN projects_release p ON p.tranche_id = t.id
        JOIN projects_tranche o ON o.request_id = t.request_id AND o.number < t.number
        LEFT JOIN projects_release q ON q.tranche_id = o.id
        LEFT JOIN projects_account a ON a.release_id = q.id
        WHERE a.status IS DISTINCT FROM 'accepted'""",
    "one person on both sides of the table": """
        SELECT id FROM projects_fundingrequest WHERE verified_by_id IN
                (author_id, submitted_by_id)
            OR decided_by_id IN (author_id, submitted_by_id, verified_by_id)
            OR paid_by_id IN
                (author_id, submitted_by_id, verified_by_id, decided_by_id)""",
    "a state without its history": """
        SELECT r.id FROM projects_fundingrequest r
        WHERE r.step <> (SELECT count(*) FROM projects_transition
                WHERE request_id = r.id)
            OR r.status <> (SELECT to_status FROM projects_transition
                WHERE request_id = r.id AND number = r.step)
        UNION SELECT m.request_id FROM projects_transition m
        JOIN projects_transition n ON n.request_id = m.request_id
            AND n.number = m.number + 1
        WHERE n.from_status <> m.to_status""",
    "an end with a rupiah unaccounted for": """
        SELECT r.id FROM projects_fundingrequest r
        LEFT JOIN projects_settlement s ON s.request_id = r.id
        WHERE (r.status IN ('completed', 'cancelled')) <> (s.id IS NOT NULL)
            OR s.spent + s.paid_back <> r.released OR s.spent <> r.accounted
            OR r.status = 'completed' AND r.released <> r.approved""",
    "a cancellation with one signature": """
        SELECT r.id FROM projects_fundingrequest r WHERE status = 'cancelled'
            AND NOT EXISTS (SELECT FROM projects_cancellation c
                WHERE c.request_id = r.id AND c.is_signed
                    AND c.decided_by_id <> c.proposed_by_id)""",
    "a person told twice of one event": """
        SELECT user_id FROM kit_notification
        GROUP BY user_id, event HAVING count(*) > 1""",
}


def check_the_books():
    with connection.cursor() as cursor:
        for name, sql in NEVER.items():
            cursor.execute(sql)
            assert cursor.fetchall() == [], name


class Office(RuleBasedStateMachine):
    """A district at work. `told`: how often each verb was done, refused or attacked."""

    cast, told = None, Counter()

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        cast = self.cast
        self.ceilings = [
            make_allotment(cast.district, ceiling=60 * MILLION),
            make_allotment(
                cast.district, source=make_source("add", "ADD"), ceiling=40 * MILLION
            ),
        ]
        self.projects = [running_project(title=f"Proyek {n}") for n in range(2)]
        for project in self.projects:
            make_photo(project, moment="100", is_made=False)
        self.number = 0
        self.requests = [self._draft() for _ in range(REQUESTS)]

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @rule(dice=st.randoms(use_true_random=False))
    def somebody_does_something(self, dice):
        which = dice.randrange(REQUESTS)
        request = self._now(which)
        if self._state(request) not in LIKELY:
            self.requests[which] = request = self._draft()
        verb = dice.choice(LIKELY[self._state(request)].split())
        if dice.random() < 0.15:
            verb = dice.choice([*VERBS, "change_ceiling", *["decide_ceiling"] * 3])
        who = VERBS[verb] if dice.random() < 0.85 else dice.choice(PEOPLE)
        before = request.status, request.released
        try:
            with transaction.atomic():
                getattr(self, f"_{verb}")(getattr(self.cast, who), request, dice)
                self._hold_to_the_database()
        except REFUSED:
            self.told[f"{verb}, refused"] += 1
        else:
            self.told[self._name(verb, *before)] += 1
        check_the_books()

        if dice.random() < 0.1:
            self.try_by_sql(dice.choice(list(ATTACKS)))

    def try_by_sql(self, name):
        """As the web role, past the program; nothing of it may come through."""
        sql, _guards = ATTACKS[name]
        assert not goes_through(sql, {"by": self.cast.treasurer.pk}), name
        self.told["by SQL, refused"] += 1

    # The verbs -----------------------------------------------------------------

    def _draft(self, by=None, request=None, dice=None):
        self.number += 1
        self.told["draft"] += by is None
        return make_request(
            self.projects[self.number % 2],
            self.ceilings[self.number % 2],
            by=by,
            asked=[(5 + self.number % 7) * MILLION, 8 * MILLION],
            title=f"Permohonan {self.number}",
        )

    def _state(self, request):
        if request.cancellations.filter(decided_at=None).exists():
            return "to be cancelled"
        if request.status != "running":
            return request.status
        return f"running {last_account(request).status}"

    def _now(self, which):
        self.requests[which] = FundingRequest.objects.get(pk=self.requests[which].pk)
        return self.requests[which]

    def _submit(self, by, request, dice):
        funding.submit(
            by=by,
            request_id=request.pk,
            version=request.version,
            letter_number="1",
            message="Sudah diperbaiki.",
        )

    def _verify(self, by, request, dice):
        filled = checklist(p3="RAB lama") if dice.random() < 0.1 else checklist()
        funding.verify(by=by, **_step(request), checklist=filled)

    def _send_back(self, by, request, dice):
        funding.send_back(by=by, **_step(request), reason="Peta kurang.")

    def _approve(self, by, request, dice):
        amounts = {
            line: amount if dice.random() < 0.5 else dice.randrange(amount + 2)
            for line, amount in asked_amounts(request).items()
        }
        total = sum(amounts.values())
        parts = dice.choice([(), (), (), (0.6,), (0.3, 0.3)])
        rest = [int(total * part) for part in parts]
        funding.approve(
            by=by,
            **_step(request),
            amounts=amounts,
            reasons=dict.fromkeys(amounts, "Sesuai pagu."),
            letter_number=f"900/{request.pk}",
            tranches=[total - sum(rest), *rest] if rest else (),
        )

    def _reject(self, by, request, dice):
        funding.reject(
            by=by, **_step(request), reason="Belum perlu.", letter_number="900/x"
        )

    def _withdraw(self, by, request, dice):
        funding.withdraw(by=by, **_step(request), reason="Tidak jadi.")

    def _release(self, by, request, dice):
        self.number += 1
        day = dates.today() + timedelta(days=dice.choice([0, 0, 0, 0, 1]))
        accounts.release(
            by=by, **_step(request), reference=f"TRF-{self.number}", paid_on=day
        )

    def _hold(self, by, request, dice):
        accounts.hold(by=by, **_step(request), reason="Ada aduan.")

    def _resume(self, by, request, dice):
        accounts.resume(by=by, **_step(request), reason="Sudah selesai.")

    def _complete(self, by, request, dice):
        accounts.complete(by=by, **_step(request), **self._deposit())

    def _cancel(self, by, request, dice):
        fields = _step(request) | self._deposit()
        accounts.ask_to_cancel(by=by, **fields, reason="Lahan tidak jadi.")

    def _sign(self, by, request, dice):
        asked = request.cancellations.filter(decided_at=None).first()
        accounts.decide_cancellation(
            by=by,
            cancellation_id=asked.pk if asked else 0,
            is_signed=dice.random() < 0.8,
            note="Belum perlu.",
        )

    def _spend(self, by, request, dice):
        account = self._account(request)
        self.number += 1
        left = request.released - account.spent
        make_receipt(
            account,
            by=by,
            number=str(self.number),
            line=dice.choice(list(request.lines.all())),
            amount=dice.choice([MILLION, left, left // 2, left + 1]),
        )

    def _send(self, by, request, dice):
        accounts.send(by=by, **_step_of(self._account(request)), story="Dikerjakan.")

    def _return(self, by, request, dice):
        accounts.send_back(
            by=by, **_step_of(self._account(request)), reason="Nota kurang."
        )

    def _accept(self, by, request, dice):
        accounts.accept(by=by, **_step_of(self._account(request)))

    def _change_ceiling(self, by, request, dice):
        ceiling = Allotment.objects.get(pk=dice.choice(self.ceilings).pk)
        sources.propose_change(
            by=by,
            allotment_id=ceiling.pk,
            amount=dice.randrange(1, 80) * MILLION,
            reason="Perubahan APBD Kabupaten.",
            ceiling=ceiling.ceiling,
        )

    def _decide_ceiling(self, by, request, dice):
        change = CeilingChange.objects.filter(decided_at=None).first()
        sources.decide_change(
            by=by,
            change_id=change.pk if change else 0,
            accept=dice.random() < 0.8,
            note="Belum perlu.",
        )

    def _account(self, request):
        account = last_account(request)
        if account is None:
            raise PermissionDenied
        return account

    def _deposit(self):
        self.number += 1
        return {"reference": f"STS-{self.number}", "paid_on": dates.today()}

    def _hold_to_the_database(self):
        """What a commit would check."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _name(self, verb, status, released):
        if verb == "submit" and status == "returned":
            return "submit again"
        if verb == "release" and released:
            return "release the next"
        return verb


def _step(request):
    return {"request_id": request.pk, "step": request.step}


def _step_of(account):
    return {"account_id": account.pk, "step": account.step}


# By SQL, past the program -------------------------------------------------------

REQUEST, RELEASE = "projects_fundingrequest", "projects_release"
ACCOUNT, RECEIPT = "projects_account", "projects_receipt"
COPY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(r, {changed})).* FROM {table} r
    WHERE {which} LIMIT 1
"""
# {what is tried: (SQL, [table and guard] of all that refuse it)}
ATTACKS = {
    "I1, a ceiling bound for more than it is": (
        "UPDATE projects_allotment SET reserved = ceiling + 1",
        [
            ("projects_allotment", "allotment_reserved_within_ceiling"),
            ("projects_allotment", "projects_allotment_totals"),
        ],
    ),
    "I2, a line granted more than it asks": (
        "UPDATE projects_budgetline SET approved = amount + 1 WHERE approved = amount",
        [
            ("projects_budgetline", "line_approved_within_requested"),
            ("projects_budgetline", "line_cut_has_reason"),
            ("projects_budgetline", "projects_budgetline_frozen"),
            ("projects_budgetline", "projects_budgetline_totals"),
        ],
    ),
    "I3, more paid out than was granted": (
        "UPDATE projects_fundingrequest SET released = approved + 1"
        " WHERE status = 'running'",
        [
            (REQUEST, "request_released_within_approved_within_requested"),
            (REQUEST, "projects_fundingrequest_recorded"),
            (REQUEST, "projects_fundingrequest_frozen"),
            (REQUEST, "projects_fundingrequest_totals"),
        ],
    ),
    "I4, a tranche paid twice": (
        COPY.format(
            table=RELEASE,
            changed="jsonb_build_object('id', -id, 'reference', 'X')",
            which="true",
        ),
        [
            (RELEASE, "projects_release_tranche_id_key"),
            (RELEASE, "projects_release_in_turn"),
            (RELEASE, "projects_release_totals"),
            (RELEASE, "projects_release_account_totals"),
        ],
    ),
    "I4, one transfer for two tranches": (
        COPY.format(
            table=RELEASE,
            changed="jsonb_build_object('id', -id, 'tranche_id', (SELECT id FROM"
            " projects_tranche t WHERE NOT EXISTS (SELECT FROM projects_release"
            " WHERE tranche_id = t.id) LIMIT 1))",
            which="true",
        ),
        [
            (RELEASE, "projects_release_reference_key"),
            (RELEASE, "projects_release_in_turn"),
            (RELEASE, "projects_release_totals"),
            (RELEASE, "projects_release_account_totals"),
        ],
    ),
    "I5, a writer who decides": (
        "UPDATE projects_fundingrequest SET decided_by_id = author_id"
        " WHERE status = 'approved'",
        [
            (REQUEST, "request_decider_is_no_party"),
            (REQUEST, "projects_fundingrequest_frozen"),
            (REQUEST, "projects_fundingrequest_totals"),
        ],
    ),
    "I6, a state without its history": (
        "UPDATE projects_fundingrequest SET status = 'withdrawn', step = step + 1"
        " WHERE status = 'draft'",
        [(REQUEST, "projects_fundingrequest_recorded")],
    ),
    "I7, history written anew": (
        "UPDATE projects_transition SET reason = 'lain'",
        [("projects_transition", "projects_transition_append_only")],
    ),
    "I7, history thrown away": (
        "DELETE FROM projects_accountmove",
        [("projects_accountmove", "projects_accountmove_append_only")],
    ),
    "I8, a request that begins at approved": (
        COPY.format(
            table=REQUEST,
            changed="jsonb_build_object('id', -id)",
            which="status = 'approved'",
        ),
        [
            (REQUEST, "projects_fundingrequest_moves"),
            (REQUEST, "projects_fundingrequest_recorded"),
            (REQUEST, "projects_fundingrequest_totals"),
            (REQUEST, "projects_fundingrequest_with_letter"),
        ],
    ),
    "I9, a form with an effect twice": (
        "INSERT INTO kit_formkey SELECT * FROM kit_formkey LIMIT 1",
        [("kit_formkey", "kit_formkey_pkey")],
    ),
    "I11, a person told twice of one event": (
        COPY.format(
            table="kit_notification",
            changed="jsonb_build_object('id', -id)",
            which="true",
        ),
        [("kit_notification", None)],
    ),
    "I14, less than nothing": (
        "UPDATE projects_fundingrequest SET requested = -1 WHERE status = 'draft'",
        [
            (REQUEST, "projects_fundingrequest_requested_check"),
            (REQUEST, "request_released_within_approved_within_requested"),
        ],
    ),
    "a tranche paid before its turn": (
        COPY.format(
            table=RELEASE,
            changed="jsonb_build_object('id', -id, 'reference', 'X', 'tranche_id',"
            " (SELECT t.id FROM projects_tranche t JOIN projects_tranche o"
            " ON o.request_id = t.request_id AND o.number < t.number"
            " WHERE o.id = r.tranche_id LIMIT 1))",
            which="EXISTS (SELECT FROM projects_account WHERE release_id = r.id"
            " AND status <> 'accepted')",
        ),
        [
            (RELEASE, "projects_release_in_turn"),
            (RELEASE, "projects_release_totals"),
            (RELEASE, "projects_release_account_totals"),
        ],
    ),
    "a receipt changed after it was sent": (
        "UPDATE projects_receipt SET purpose = 'lain' WHERE account_id IN"
        " (SELECT id FROM projects_account WHERE status = 'accepted')",
        [(RECEIPT, "projects_receipt_frozen")],
    ),
    "more accounted for than was accepted": (
        "UPDATE projects_fundingrequest SET accounted = accounted + 1"
        " WHERE status = 'running' AND accounted < released",
        [(REQUEST, "projects_fundingrequest_totals")],
    ),
    "an account that says more than its receipts": (
        "UPDATE projects_account SET spent = spent + 1 WHERE status = 'draft'",
        [(ACCOUNT, "projects_account_account_totals")],
    ),
    "a rest given back before the end": (
        "WITH back AS (INSERT INTO projects_leftover (reservation_id, amount, at)"
        " SELECT id, 1, now() FROM projects_reservation b WHERE NOT EXISTS"
        " (SELECT FROM projects_leftover WHERE reservation_id = b.id) LIMIT 1"
        " RETURNING reservation_id)"
        " UPDATE projects_allotment SET reserved = reserved - 1 WHERE id IN"
        " (SELECT allotment_id FROM projects_reservation"
        " WHERE id IN (SELECT reservation_id FROM back))",
        [("projects_leftover", "projects_leftover_account_totals")],
    ),
    "a cancellation signed by who asked for it": (
        "UPDATE projects_cancellation SET is_signed = true, decided_at = now(),"
        " decided_by_id = proposed_by_id WHERE decided_at IS NULL",
        [("projects_cancellation", "cancellation_signed_by_another")],
    ),
}


def goes_through(sql, values):
    """Whether the database lets the web role do it, to any row."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE portal_web")
            cursor.execute(sql, values)
            touched = cursor.rowcount
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return touched > 0


def drop(table, guard):
    """Take a trigger or a constraint away, as only the owner can; None: all unique.

    Where the web role lacks the right to the rows, that goes with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE ON {table} TO portal_web")
        if guard is None:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
                " AND contype = 'u'",
                [table],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            return
        cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s", [guard])
        if cursor.fetchone():
            cursor.execute(f"DROP TRIGGER {guard} ON {table}")
        else:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {guard}")


RUNS = settings(
    max_examples=WALK or 6,
    stateful_step_count=60,
    derandomize=not WALK,
    database=None,
    deadline=None,
    phases=[Phase.generate] + [Phase.shrink] * bool(WALK),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def office(cast):
    Office.cast, Office.told = cast, Counter()
    return Office


def test_whatever_the_offices_do_the_books_are_right(office):
    run_state_machine_as_test(office, settings=RUNS)
    done = {name: n for name, n in office.told.items() if ", refused" not in name}
    print(f"\n{sum(done.values())} steps accepted:", dict(sorted(office.told.items())))
    assert office.told["approve"] and office.told["accept"]
    if WALK >= 100:
        assert sum(done.values()) >= 2_000
        assert min(done.values()) >= 20, done


@pytest.fixture
def much(cast):
    """A request in every state in which something is tried."""
    ceiling = make_allotment(cast.district)
    project = running_project()
    make_request(project, ceiling)
    approved_request(project, ceiling)
    make_cancellation(approved_request(project, ceiling))
    tranches = [20 * MILLION, 10 * MILLION]
    for number in range(2):
        paid = released_request(
            project, ceiling, tranches=tranches, reference=f"TRF-{number}"
        )
    accepted_account(last_account(paid))
    paid.refresh_from_db()
    release(paid)
    FormKey.objects.create(key=uuid4(), user_id=cast.head.pk, path="/dana/")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("name", ATTACKS)
def test_each_guard_is_what_refuses(much, cast, name):
    sql, guards = ATTACKS[name]
    values = {"by": cast.treasurer.pk}
    assert not goes_through(sql, values)
    for table, guard in guards:
        drop(table, guard)
    assert goes_through(sql, values)
