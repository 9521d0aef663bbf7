"""What the database itself refuses of offers and needs, and what happens at once."""

from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from leksono_portal.kit import dates
from leksono_portal.kit.errors import Stale
from villages.exchange import actions
from villages.exchange.models import Resource
from villages.tests.make import make_resource

CLOSED = "status = 'agreed', closed_because = 'Ada', closed_by_id = created_by_id"
CLOSED += ", closed_at = now()"


@pytest.fixture
def molen(cast):
    return make_resource(cast.besani, cast.operator)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM villages_resource",
        "TRUNCATE villages_resource CASCADE",
        "UPDATE villages_resource SET status = 'agreed'",
        f"UPDATE villages_resource SET {CLOSED}, closed_because = ''",
        "UPDATE villages_resource SET status = 'lost'",
        "UPDATE villages_resource SET closed_because = 'Ada'",
        "UPDATE villages_resource SET kind = 'need'",
        "UPDATE villages_resource SET kind = 'loan'",
        "UPDATE villages_resource SET village_id = village_id + 1",
        "UPDATE villages_resource SET created_at = now() + interval '1 day'",
        "UPDATE villages_resource SET title = ''",
        "UPDATE villages_resource SET available_from = '2030-01-02',"
        " available_until = '2030-01-01'",
        "ALTER TABLE villages_resource DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_web_role_is_refused(molen, as_web_role, attack):
    attack = attack.replace(f"{CLOSED}, closed_because = ''", CLOSED.replace("Ada", ""))
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)


@pytest.mark.parametrize(
    "attack",
    [
        "status = 'open', closed_because = '', closed_by_id = NULL, closed_at = NULL",
        "status = 'withdrawn'",
        "closed_because = 'Lain'",
        "title = 'Lain'",
    ],
)
def test_what_is_closed_stays_as_it_was_told(molen, cast, as_web_role, attack):
    actions.close(molen, by=cast.operator, status="agreed", reason="Ada.")
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(f"UPDATE villages_resource SET {attack}")


def test_none_is_born_closed(molen, cast, as_web_role):
    told = {"village": cast.besani, "kind": "offer", "what": "land", "title": "x"}
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role():
        Resource.objects.create(
            created_by=cast.operator,
            updated_by=cast.operator,
            status="agreed",
            closed_because="Ada",
            closed_by=cast.operator,
            closed_at=dates.now(),
            **told,
        )


def test_the_web_role_can_do_what_the_pages_do(cast, as_web_role):
    with as_web_role():
        made = make_resource(cast.besani, cast.operator)
        made = actions.edit(made, by=cast.head, version=1, title="Molen lain")
        actions.close(made, by=cast.sekcam, status="withdrawn", reason="Rusak.")
    assert Resource.objects.get().status == "withdrawn"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["edit", "close"])
def test_of_two_at_once_one_is_told_of_the_other(cast, verb):
    def act(resource, by, barrier, results):
        connection.ensure_connection()
        barrier.wait()
        try:
            if verb == "edit":
                actions.edit(resource, by=by, version=1, title=by.username)
            else:
                actions.close(resource, by=by, status="agreed", reason="Ada.")
            results.append("done")
        except Stale:
            results.append("stale")
        finally:
            connection.close()

    for _attempt in range(5):
        resource = make_resource(cast.besani, cast.operator)
        barrier, results = Barrier(2), []
        threads = [
            Thread(target=act, args=(resource, by, barrier, results))
            for by in (cast.operator, cast.head)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["done", "stale"]
