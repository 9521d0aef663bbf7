"""The example's days, counted from the day it is made."""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.utils import timezone

from leksono_portal.kit import dates

_now = timezone.now


def day(offset):
    """The date `offset` days from the real today (WIB); negative is past."""
    return _now().astimezone(dates.WIB).date() + timedelta(days=offset)


def moment(offset, hour=9, minute=0):
    """That day at a time, in WIB."""
    return datetime.combine(day(offset), time(hour, minute), tzinfo=dates.WIB)


@contextmanager
def at(offset, hour=9, minute=0):
    """Let everything inside happen at that moment.

    Django and the portal take the time from `timezone.now` alone, so the example's
    history can be written by the actions themselves and still span weeks.
    """
    then = moment(offset, hour, minute)
    timezone.now = lambda: then
    try:
        yield
    finally:
        timezone.now = _now
