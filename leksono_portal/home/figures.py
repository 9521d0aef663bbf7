"""The figures of the front page, all in one query, most of it from indexes alone."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Func, Subquery, When
from django.db.models.functions import JSONObject

from forum.meetings.models import Decision, DecisionLink, Meeting
from leksono_portal.kit import dates
from projects.funding.models import FundingRequest
from projects.portfolio.models import Project
from villages.models import District, Village

Status = FundingRequest.Status
Stage = Project.Stage


def read():
    """Figures by name, amounts in whole rupiah; of this year (WIB) where it matters.

    Everything public only: nothing of drafts, nor of meetings that are not final.
    running_in: as `running()` of villages.
    """
    year = dates.today().year
    built = Project.objects.filter(stage__in=[Stage.RUNNING, Stage.COMPLETED])
    asked = FundingRequest.objects.filter(year=year).exclude(
        status__in=[Status.DRAFT, Status.WITHDRAWN]
    )
    # Of the meetings that are not final there are always few.
    drafts = Meeting.objects.filter(finalised_at=None).order_by()
    undecided = Decision.objects.filter(meeting__in=drafts.values("pk"))
    groups = [
        (
            built,
            {
                "running": _count(Case(When(stage=Stage.RUNNING, then="pk"))),
                "families": _sum("beneficiary_families"),
            },
        ),
        # All but those few: an index alone counts the rows of a table.
        (Decision.objects.all(), {"decisions": _count("pk")}),
        (undecided, {"undecided": _count("pk")}),
        # Only decisions of final meetings can be linked.
        (DecisionLink.objects.all(), {"decisions_linked": _count_distinct("decision")}),
        (Meeting.objects.filter(starts_at__year=year), {"meetings": _count("pk")}),
        (
            asked,
            {
                "requests": _count("pk"),
                "requests_approved": _count(Case(When(approved__gt=0, then="pk"))),
                "requests_released": _count(Case(When(released__gt=0, then="pk"))),
                "requested": _sum("requested"),
                "approved": _sum("approved"),
                "released": _sum("released"),
                "accounted": _sum("accounted"),
            },
        ),
    ]
    columns = [_in_one_walk(rows, figures) for rows, figures in groups]
    running_in = ArraySubquery(Village.objects.running())
    found = District.objects.values_list(running_in, *columns).first()
    running_in, *values = found or [[]]  # no district, no figures
    numbers = dict.fromkeys((name for _rows, names in groups for name in names), 0)
    for value in values:
        numbers |= {name: n or 0 for name, n in value.items()}
    numbers["decisions"] -= numbers.pop("undecided")
    return {"year": year, "running_in": running_in, **numbers}


def _in_one_walk(rows, figures):
    return Subquery(rows.order_by().values(figures=JSONObject(**figures)))


def _count(what):
    return Func(what, function="COUNT")


def _count_distinct(field):
    return Func(field, function="COUNT", template="COUNT(DISTINCT %(expressions)s)")


def _sum(field):
    return Func(field, function="SUM")
