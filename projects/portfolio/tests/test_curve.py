from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace

import pytest

from leksono_portal.kit import dates
from projects.portfolio import curve
from projects.portfolio.models import Project
from projects.tests.make import make_project, make_work_item


def piece(cost, starts_on, ends_on):
    return SimpleNamespace(cost=cost, starts_on=starts_on, ends_on=ends_on)


def test_two_pieces_of_80_and_20_with_disjoint_windows_give_the_plan_by_hand():
    digging = piece(80_000_000, date(2026, 8, 1), date(2026, 8, 10))
    planting = piece(20_000_000, date(2026, 8, 21), date(2026, 8, 24))

    assert curve.plan([digging, planting]) == [
        (date(2026, 7, 31), 0),
        (date(2026, 8, 10), 80),
        (date(2026, 8, 20), 80),
        (date(2026, 8, 24), 100),
    ]
    by_hand = {
        date(2026, 7, 1): 0,
        date(2026, 8, 1): 8,
        date(2026, 8, 5): 40,
        date(2026, 8, 15): 80,
        date(2026, 8, 21): 85,
        date(2026, 8, 22): 90,
        date(2027, 1, 1): 100,
    }
    found = {day: curve.planned([digging, planting], day) for day in by_hand}
    assert found == by_hand


def test_pieces_that_overlap_add_up():
    first = piece(60, date(2026, 8, 1), date(2026, 8, 6))
    second = piece(40, date(2026, 8, 4), date(2026, 8, 7))

    assert curve.planned([first, second], date(2026, 8, 3)) == 30
    assert curve.planned([first, second], date(2026, 8, 4)) == 50
    assert [day for day, _ in curve.plan([first, second])] == [
        date(2026, 7, 31),
        date(2026, 8, 3),
        date(2026, 8, 6),
        date(2026, 8, 7),
    ]


def test_a_piece_of_one_day_is_due_that_day():
    day = date(2026, 8, 1)
    assert curve.planned([piece(5, day, day)], day - timedelta(days=1)) == 0
    assert curve.planned([piece(5, day, day)], day) == 100


def test_without_work_there_is_no_plan():
    assert curve.plan([]) == []
    assert curve.planned([], date(2026, 8, 1)) is None
    assert curve.physical([]) == 0


def test_what_is_done_weighs_what_it_costs():
    assert curve.physical([(80, 50), (20, 100)]) == 60
    assert curve.physical([(1, 100), (2, 0)]) == Decimal("33.33")


def test_nearly_finished_work_never_reads_as_finished():
    assert curve.physical([(999_999_999, 100), (1, 99)]) == Decimal("99.99")


@pytest.mark.django_db
def test_the_plan_in_sql_is_the_plan_in_python(cast):
    random, today = Random(7), dates.today()
    for number in range(12):
        project = make_project(title=f"Proyek {number}")
        for _ in range(random.randint(1, 6)):
            starts = today + timedelta(days=random.randint(-400, 60))
            make_work_item(
                project,
                cost=random.choice([1, 3_333_333, 999_999_999_999_999]),
                starts_on=starts,
                ends_on=starts + timedelta(days=random.choice([0, 1, 30, 365, 900])),
            )
    for project in Project.objects.with_plan():
        items = project.work_items.all()
        assert project.cost == sum(item.cost for item in items)
        by_python = curve.planned(items, today)
        assert project.planned == pytest.approx(float(by_python), abs=1e-9)


@pytest.mark.django_db
def test_a_project_without_work_costs_nothing_and_has_no_plan_in_sql(cast):
    make_project()
    project = Project.objects.with_plan().get()
    assert (project.cost, project.planned) == (0, None)
