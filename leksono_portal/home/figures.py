"""The figures of the front page, all in one query."""

from django.db.models import Func, Subquery

from forum.meetings.models import Decision, Meeting
from leksono_portal.kit import dates
from projects.funding.models import FundingRequest
from projects.portfolio.models import Project
from villages.models import District

Status = FundingRequest.Status
NOT_ASKED = (Status.DRAFT, Status.WITHDRAWN)
BUILT = (Project.Stage.RUNNING, Project.Stage.COMPLETED)


def read():
    """Figures by name, amounts in whole rupiah; of this year (WIB) where it matters.

    Everything public only: nothing of drafts, nor of meetings that are not final.
    """
    year = dates.today().year
    decisions = Decision.objects.final()
    linked = decisions.filter(links__isnull=False).order_by().distinct()
    asked = FundingRequest.objects.filter(year=year).exclude(status__in=NOT_ASKED)
    numbers = {
        "running": _count(Project.objects.filter(stage=Project.Stage.RUNNING)),
        "families": _sum(
            Project.objects.filter(stage__in=BUILT), "beneficiary_families"
        ),
        "decisions": _count(decisions),
        "decisions_linked": _count(decisions.filter(pk__in=linked.values("pk"))),
        "meetings": _count(Meeting.objects.filter(starts_at__year=year)),
        "requests": _count(asked),
        "requests_approved": _count(asked.filter(approved__gt=0)),
        "requests_released": _count(asked.filter(released__gt=0)),
        "requested": _sum(asked, "requested"),
        "approved": _sum(asked, "approved"),
        "released": _sum(asked, "released"),
    }
    found = District.objects.values(**numbers).first()
    return {"year": year, **{name: (found or {}).get(name) or 0 for name in numbers}}


def _count(rows):
    return _one(rows, Func("pk", function="COUNT"))


def _sum(rows, field):
    return _one(rows, Func(field, function="SUM"))


def _one(rows, figure):
    return Subquery(rows.order_by().annotate(figure=figure).values("figure"))
