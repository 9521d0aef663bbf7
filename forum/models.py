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
    Postponement,
    RecordCounter,
    Scan,
)

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Body",
    "Change",
    "Decision",
    "DecisionLink",
    "Meeting",
    "OfficialRecord",
    "Participant",
    "Postponement",
    "RecordCounter",
    "Scan",
]
