"""Gathers the rooms' models, since Django looks for them here."""

from projects.funding.models import (
    BudgetLine,
    DecisionLetter,
    FundingRequest,
    Release,
    Reservation,
    Revision,
    Tranche,
    Transition,
    Verification,
)
from projects.pledges.models import Pledge, PledgeMove, PledgeReceipt, ThanksLetter
from projects.portfolio.models import (
    Participation,
    Photo,
    ProgressReport,
    Project,
    ReportedItem,
    StageChange,
    WorkItem,
)
from projects.responses.models import Answer, Hiding, Response
from projects.sources.models import Allotment, CeilingChange, FundSource

__all__ = [
    "Allotment",
    "Answer",
    "BudgetLine",
    "CeilingChange",
    "DecisionLetter",
    "FundSource",
    "FundingRequest",
    "Hiding",
    "Participation",
    "Photo",
    "Pledge",
    "PledgeMove",
    "PledgeReceipt",
    "ProgressReport",
    "Project",
    "Release",
    "ReportedItem",
    "Reservation",
    "Response",
    "Revision",
    "StageChange",
    "ThanksLetter",
    "Tranche",
    "Transition",
    "Verification",
    "WorkItem",
]
