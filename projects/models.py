"""Gathers the rooms' models, since Django looks for them here."""

from projects.accounts.models import (
    Account,
    AccountMove,
    Cancellation,
    Leftover,
    Receipt,
    Release,
    Settlement,
)
from projects.funding.models import (
    BudgetLine,
    DecisionLetter,
    FundingRequest,
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
    "Account",
    "AccountMove",
    "Allotment",
    "Answer",
    "BudgetLine",
    "Cancellation",
    "CeilingChange",
    "DecisionLetter",
    "FundSource",
    "FundingRequest",
    "Hiding",
    "Leftover",
    "Participation",
    "Photo",
    "Pledge",
    "PledgeMove",
    "PledgeReceipt",
    "ProgressReport",
    "Project",
    "Receipt",
    "Release",
    "ReportedItem",
    "Reservation",
    "Response",
    "Revision",
    "Settlement",
    "StageChange",
    "ThanksLetter",
    "Tranche",
    "Transition",
    "Verification",
    "WorkItem",
]
