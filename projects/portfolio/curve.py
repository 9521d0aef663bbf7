"""Plan and realisation of a project, in percent of its cost.

A work item weighs what it costs. Its planned share grows in a straight line over
the days of its window, first and last day included; a project's plan on a day is
the weighted sum of its items.
"""

from datetime import timedelta
from decimal import Decimal

from django.db.models import DateField, F, FloatField, Sum, Value
from django.db.models.functions import Cast, ExtractDay, Greatest, Least


def planned(items, day):
    """Percent of all work due by the end of `day`, or None without items."""
    total = sum(item.cost for item in items)
    due = sum(item.cost * _share(item, day) for item in items)
    return due * 100 / total if total else None


def plan(items):
    """Points (day, percent) at every bend of the plan, oldest first.

    The day before an item starts and its last day are all the bends there are.
    """
    days = {item.starts_on - timedelta(days=1) for item in items}
    days |= {item.ends_on for item in items}
    return [(day, planned(items, day)) for day in sorted(days)]


def physical(percents):
    """Percent of all work done, from (cost, percent done) pairs, two decimals.

    Rounded down, so that only finished work reads 100.
    """
    total = sum(cost for cost, _ in percents)
    done = sum(cost * percent for cost, percent in percents)
    return Decimal(done * 100 // total) / 100 if total else Decimal(0)


def planned_in_sql(day):
    """`planned` as an aggregate over work items."""
    window = ExtractDay(F("ends_on") - F("starts_on")) + 1
    passed = ExtractDay(Value(day, output_field=DateField()) - F("starts_on")) + 1
    share = Cast(Greatest(Least(passed, window), 0), FloatField()) / window
    return Sum(F("cost") * share, output_field=FloatField()) * 100.0 / Sum("cost")


def _share(item, day):
    days = (item.ends_on - item.starts_on).days + 1
    passed = min(max((day - item.starts_on).days + 1, 0), days)
    return Decimal(passed) / days
