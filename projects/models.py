"""Gathers the rooms' models, since Django looks for them here."""

from projects.funding.models import (
    BudgetLine,
    FundingRequest,
    Release,
    Reservation,
    Revision,
    Tranche,
    Transition,
    Verification,
)
from projects.portfolio.models import (
    Participation,
    ProgressReport,
    Project,
    ReportedItem,
    StageChange,
    WorkItem,
)
from projects.sources.models import Allotment, FundSource

__all__ = [
    "Allotment",
    "BudgetLine",
    "FundSource",
    "FundingRequest",
    "Participation",
    "ProgressReport",
    "Project",
    "Release",
    "ReportedItem",
    "Reservation",
    "Revision",
    "StageChange",
    "Tranche",
    "Transition",
    "Verification",
    "WorkItem",
]
