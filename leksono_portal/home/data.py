"""The open data of the whole portal, gathered from its rooms."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Func, Subquery
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.followup.export import FOLLOW_UPS
from forum.meetings.export import DECISIONS, MEETINGS
from leksono_portal.kit import dates, tables
from projects.accounts.export import RECEIPTS
from projects.funding.export import LINES, REQUESTS
from projects.pledges.export import PLEDGES
from projects.portfolio.export import PROJECTS
from projects.sources.export import ALLOTMENTS
from villages.areas.export import VILLAGES
from villages.exchange.export import RESOURCES
from villages.models import District
from villages.partners.export import PARTNERS

TABLES = (
    PROJECTS,
    REQUESTS,
    LINES,
    RECEIPTS,
    ALLOTMENTS,
    MEETINGS,
    DECISIONS,
    FOLLOW_UPS,
    VILLAGES,
    RESOURCES,
    PARTNERS,
    PLEDGES,
)


@login_not_required
@require_safe
def data(request):
    """Each table with what it holds, how many rows, its columns and its file."""
    counts = _counts()
    context = {
        "tables": [(table, counts[table.address]) for table in TABLES],
        "today": dates.today(),
        "kept_seconds": tables.KEPT_SECONDS,
    }
    return render(request, "home/data.html", context)


def _counts():
    """{address: rows} of all tables, in one query; all 0 where there is no district."""
    counts = {
        f"n{number}": Subquery(
            table.rows()
            .order_by()
            .annotate(rows=Func("pk", function="COUNT"))
            .values("rows")
        )
        for number, table in enumerate(TABLES)
    }
    found = District.objects.order_by().values(**counts).first() or {}
    return {
        table.address: found.get(f"n{number}", 0) for number, table in enumerate(TABLES)
    }
