import shutil
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.db.models import Prefetch
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from forum.followup.figures import overdue_by_village
from forum.meetings.models import Body, Decision, DecisionLink, Meeting
from leksono_portal.home import figures, queue
from leksono_portal.kit import dates
from projects.funding.models import FundingRequest
from projects.portfolio.models import Project
from projects.sources.models import Allotment
from villages.areas import maps
from villages.people.models import DISTRICT_POSTS, districts_of

PROJECTS_SHOWN = 6
LINES_SHOWN = 4
DECISIONS_SHOWN = 3
WORK_MAY_WAIT = timedelta(minutes=10)
FREE_BYTES_NEEDED = 500 * 1024 * 1024


@require_safe
@login_not_required
def front(request):
    """What is going on: figures, money, running projects, meetings, decisions."""
    numbers = figures.read()
    context = {
        "figures": numbers,
        "map": maps.of_running(numbers["running_in"]),
        "money": _money_rows(numbers),
        "projects": _running_projects(request.user),
        "meetings": _next_meetings(request.user),
        "decisions": [
            (decision, _chain(decision)) for decision in _newest_decisions(request.user)
        ],
    }
    return render(request, "home/front.html", context)


@require_safe
def work(request):
    """What waits for the person, oldest first, and what they wait for."""
    counts = queue.counts(request.user)
    items = queue.items(request.user, counts)
    waiting = [
        (item, queue.OFFICE_OF_STATUS[item.status])
        for item in queue.waiting_for_others(request.user)
    ]
    is_staff = request.user.is_staff
    context = {
        "is_staff": is_staff,
        "holds_office": is_staff or request.user.offices.today().exists(),
        "items": items,
        "late": sum(1 for item in items if item.days_over),
        "work_count": len(items),
        "unread_count": counts[queue.UNREAD],
        "waiting": waiting,
        "ceilings": _ceilings(request.user),
        "overdue": overdue_by_village(request.user),
        "meetings": Meeting.objects.filter(
            body__in=Body.objects.served_by(request.user).values("pk")
        ).upcoming()[:LINES_SHOWN],
    }
    return render(request, "home/work.html", context)


@require_safe
@never_cache
@login_not_required
def health(request):
    """For a watchman: 200 while database, worker and disk are well, else 503."""
    ills = {
        "basis_data": _database_ill() or "baik",
        "pekerja": _worker_ill() or "baik",
        "diska": _disk_ill(shutil.disk_usage(settings.BASE_DIR).free) or "baik",
    }
    is_well = set(ills.values()) == {"baik"}
    return JsonResponse(
        {"sehat": is_well, **ills, "pada": dates.now().isoformat(timespec="seconds")},
        status=200 if is_well else 503,
    )


def _money_rows(numbers):
    asked = numbers["requested"]
    return [
        {
            "label": _("Diminta"),
            "note": _("%d permohonan") % numbers["requests"],
            "amount": asked,
            "of": asked,
        },
        {
            "label": _("Disetujui"),
            "note": _("%d permohonan") % numbers["requests_approved"],
            "amount": numbers["approved"],
            "of": asked,
        },
        {
            "label": _("Cair"),
            "note": _("%d permohonan") % numbers["requests_released"],
            "amount": numbers["released"],
            "of": asked,
        },
        {
            "label": _("Dilaporkan"),
            "note": _("dipertanggungjawabkan"),
            "amount": numbers["accounted"],
            "of": numbers["requested"],
            "waiting": numbers["released"] - numbers["accounted"],
        },
    ]


def _running_projects(user):
    return (
        Project.objects.visible_to(user)
        .filter(stage=Project.Stage.RUNNING)
        .with_last_report()
        .with_plan()
        .with_photo()
        .select_related("lead_village")
        .prefetch_related("partner_villages")[:PROJECTS_SHOWN]
    )


def _next_meetings(user):
    """By id, so that attendance is counted for these few only."""
    coming = Meeting.objects.visible_to(user).upcoming()
    few = coming.filter(pk__in=coming.values("pk")[:LINES_SHOWN])
    return few.with_attendance()


def _newest_decisions(user):
    requests = FundingRequest.objects.exclude(
        status__in=[FundingRequest.Status.DRAFT, FundingRequest.Status.WITHDRAWN]
    )
    links = DecisionLink.objects.select_related("project").prefetch_related(
        Prefetch("project__requests", requests.order_by("pk"))
    )
    return (
        Decision.objects.final()
        .select_related("meeting")
        .prefetch_related(Prefetch("links", links.order_by("pk")))[:DECISIONS_SHOWN]
    )


def _chain(decision):
    """From the meeting on to what came of its decision, for the chain tag."""
    meeting = decision.meeting
    day = dates.format_date_short(meeting.starts_at)
    items = [
        ("rapat", _("Rapat %s") % day, meeting.get_absolute_url()),
        (
            "putusan",
            _("Keputusan %d") % decision.number,
            decision.get_absolute_url(),
        ),
    ]
    for link in decision.links.all():
        items.append(("proyek", link.project.title, link.project.get_absolute_url()))
        for item in link.project.requests.all():
            text = _("Permohonan %s") % item.number
            items.append(("dana", text, item.get_absolute_url()))
    return items


def _ceilings(user):
    """This year's ceilings of the district whose staff `user` is."""
    mine = districts_of(user, *DISTRICT_POSTS)
    found = Allotment.objects.filter(
        district__in=mine, year=dates.today().year, confirmed_by__isnull=False
    ).select_related("source")
    for allotment in found:
        allotment.bound = allotment.reserved * 100 / (allotment.ceiling or 1)
    return found


def _database_ill():
    try:
        Project.objects.exists()
    except OperationalError:
        return "tidak menjawab"
    return None


def _worker_ill():
    """Why the worker seems to stand still: something has waited for too long."""
    queued = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY, enqueued_at__lt=timezone.now() - WORK_MAY_WAIT
    )
    try:
        is_late = queued.exists()
    except OperationalError:
        return "tidak diketahui"
    return "ada pekerjaan yang menunggu lebih dari 10 menit" if is_late else None


def _disk_ill(free):
    return "hampir penuh" if free < FREE_BYTES_NEEDED else None
