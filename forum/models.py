"""Gathers the rooms' models, since Django looks for them here."""

from forum.meetings.log import Change
from forum.meetings.models import (
    ActionItem,
    AgendaItem,
    Body,
    Decision,
    DecisionLink,
    Meeting,
    OfficialRecord,
    Participant,
    RecordCounter,
    Scan,
)
from forum.voting.models import Ballot, Elector

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Ballot",
    "Body",
    "Change",
    "Decision",
    "DecisionLink",
    "Elector",
    "Meeting",
    "OfficialRecord",
    "Participant",
    "RecordCounter",
    "Scan",
]
