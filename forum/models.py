"""Gathers the rooms' models, since Django looks for them here."""

from forum.meetings.log import Change
from forum.meetings.models import (
    ActionItem,
    AgendaItem,
    Amendment,
    Body,
    Decision,
    DecisionLink,
    Meeting,
    OfficialRecord,
    Participant,
    RecordCounter,
    Scan,
)

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Amendment",
    "Body",
    "Change",
    "Decision",
    "DecisionLink",
    "Meeting",
    "OfficialRecord",
    "Participant",
    "RecordCounter",
    "Scan",
]
