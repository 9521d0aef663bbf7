"""Gathers the rooms' models, since Django looks for them here."""

from forum.checkin.models import CheckIn
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
    Postponement,
    ProxyLetter,
    RecordCounter,
    Scan,
)
from forum.voting.models import Ballot, Elector

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Amendment",
    "Ballot",
    "Body",
    "Change",
    "CheckIn",
    "Decision",
    "DecisionLink",
    "Elector",
    "Meeting",
    "OfficialRecord",
    "Participant",
    "ProxyLetter",
    "Postponement",
    "RecordCounter",
    "Scan",
]
