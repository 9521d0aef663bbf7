"""The one way of writing into a meeting, and its JSON."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forum.meetings import changes
from forum.meetings.changes import Write
from forum.meetings.merge import merge
from forum.models import AgendaItem, Change
from forum.tests.make import (
    make_action_item,
    make_agenda,
    make_body,
    make_meeting,
    make_participant,
    make_ready_meeting,
)

LINES = "Pembukaan\nLaporan\nPenutup"


@pytest.fixture
def meeting(cast):
    body = make_body(cast.district, cast.besani, cast.timbang, cast.leksono)
    return make_meeting(body, cast.operator)


@pytest.fixture
def item(meeting):
    return make_agenda(meeting, "Bobot")[0]


def note_of(item):
    return f"agenda:{item.key}/note"


class Device:
    """One browser: it counts its changes and sends them as it is told."""

    def __init__(self, meeting, by):
        self.meeting, self.by = meeting, by
        self.id, self.seq = uuid4(), 0

    def write(self, cell, value, base=0, **more):
        self.seq += 1
        return Write(cell, value, base=base, seq=self.seq, **more)

    def send(self, *writes):
        answers = changes.apply(
            self.meeting, by=self.by, device=self.id, changes=writes
        )
        return [answer.change for answer in answers]

    def type(self, cell, value, base=0, **more):
        [change] = self.send(self.write(cell, value, base, **more))
        return change


@pytest.fixture
def first(cast, meeting):
    return Device(meeting, cast.operator)


@pytest.fixture
def second(cast, meeting):
    return Device(meeting, cast.other_operator)


def outcomes(*changed):
    return [str(change.outcome) for change in changed]


def stored(item):
    item.refresh_from_db()
    return item.note


# Merging -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("A\nLaporan\nPenutup", "Pembukaan\nLaporan\nC", "A\nLaporan\nC"),
        ("Awal\n" + LINES, LINES + "\nAkhir", f"Awal\n{LINES}\nAkhir"),
        ("Pembukaan\nPenutup", LINES, "Pembukaan\nPenutup"),
        ("A\nLaporan\nPenutup", "A\nLaporan\nPenutup", "A\nLaporan\nPenutup"),
        ("A\nLaporan\nPenutup", "B\nLaporan\nPenutup", None),
        ("Pembukaan\nA\nPenutup", "Pembukaan\nLaporan\nC", None),
        (LINES + "\nA", LINES + "\nB", None),
    ],
)
def test_edits_that_keep_away_from_each_other_are_merged(one, other, both):
    assert merge(LINES, one, other) == both
    assert merge(LINES, other, one) == both


def test_texts_of_very_many_lines_are_left_to_people():
    assert merge("\n" * 2000, "a" + "\n" * 2000, "\n" * 2000 + "b") is None


# Applying ----------------------------------------------------------------------------


def test_a_change_takes_effect_once_however_often_it_is_sent(first, item):
    write = first.write(note_of(item), "Satu")
    again = [first.send(write)[0] for _ in range(3)]
    assert outcomes(*again) == ["applied"] * 3
    assert Change.objects.count() == 1
    assert (stored(item), item.version) == ("Satu", 2)
    item.meeting.refresh_from_db()
    assert item.meeting.version == 2
