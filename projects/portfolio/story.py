"""What a project's page tells, put together from the rows of several rooms.

Meetings and money are read through the relations that point here; their rooms stand
above this one and are not imported.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import Case, F, Q, Sum, Value, When
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leksono_portal.kit import dates, share
from leksono_portal.kit.money import format_decimal, format_rupiah
from leksono_portal.kit.templatetags.look import whole
from projects.portfolio import curve
from projects.portfolio.models import Photo, Project, StageChange

Stage = Project.Stage
SHORT_JOURNEY = 12  # entries, and lines of the table of reports, before the rest is cut
PHOTOS_SHOWN = 6
PHOTOS_TOLD = 60  # the newest, from which the journey takes those of its reports
LENGTH_OF_A_TITLE = 90  # characters
LENGTH_OF_A_LEAD = 300  # characters of the purpose that fit under the name
STAGES_TOLD = {
    Stage.AGREED: gettext_lazy("Proyek disepakati"),
    Stage.FUNDED: gettext_lazy("Dana disetujui, siap dimulai"),
    Stage.RUNNING: gettext_lazy("Pekerjaan dimulai"),
    Stage.COMPLETED: gettext_lazy("Serah terima, proyek selesai"),
    Stage.CANCELLED: gettext_lazy("Proyek dibatalkan"),
}
MOVES_TOLD = {
    "submitted": gettext_lazy("diajukan"),
    "approved": gettext_lazy("disetujui"),
    "rejected": gettext_lazy("tidak disetujui"),
    "withdrawn": gettext_lazy("ditarik"),
    "running": gettext_lazy("mulai cair"),
    "held": gettext_lazy("ditahan"),
    "completed": gettext_lazy("selesai dipertanggungjawabkan"),
    "cancelled": gettext_lazy("dibatalkan"),
}
WITH_REASON = ("rejected", "held", "cancelled")
RUNNING_AGAIN = {
    "running": gettext_lazy("cair lagi"),
    "held": gettext_lazy("dilanjutkan"),
}

ORDER_OF_MOMENTS = Case(
    *(When(moment=moment, then=Value(n)) for n, moment in enumerate(Photo.Moment))
)


def photos(project):
    """Its newest photos, in one query with all that the page shows of them."""
    return list(project.photos.shown().select_related("file")[:PHOTOS_TOLD])


def changes(project):
    """The steps of its life as rows again; for a project `with_changes()`."""
    return [
        StageChange(**told | {"at": datetime.fromisoformat(told["at"])})
        for told in project.changes
    ]


def decisions(project):
    """Its ties to decisions of finished meetings, newest first."""
    return list(
        project.decision_links.select_related("decision__meeting")
        .filter(decision__meeting__finalised_at__isnull=False)
        .order_by("-decision__meeting__starts_at", "-decision__number")
    )


def requests_and_moves(project, user):
    """Its requests, and their moves: the request again with `to`, `moved_at`, `reason`.

    One query for both; every request has a move, its beginning. Drafts only for who
    may see them.
    """
    moves = list(
        project.requests.visible_to(user)
        .defer("background")
        .annotate(
            came_from=F("transitions__from_status"),
            to=F("transitions__to_status"),
            moved_at=F("transitions__at"),
            reason=F("transitions__reason"),
        )
        .order_by("pk", "transitions__number")
    )
    return list({move.pk: move for move in moves}.values()), moves


def chain(links, requests):
    """Meeting, decision, this project, request: how one came of the other."""
    items = []
    if links:
        decision = links[-1].decision
        meeting = decision.meeting
        when = dates.format_date_short(meeting.starts_at)
        items = [
            ("rapat", _("Rapat %(when)s") % {"when": when}, meeting.get_absolute_url()),
            (
                "putusan",
                _("Keputusan %(number)s") % {"number": decision.number},
                decision.get_absolute_url(),
            ),
        ]
    items.append(("proyek", _("Proyek ini"), None))
    items += [
        (
            "dana",
            _("Permohonan %(number)s") % {"number": request.number},
            request.get_absolute_url(),
        )
        for request in requests
    ]
    return items


def cancelling(changes):
    """The change by which the project was given up, or None."""
    return next((c for c in changes if c.to_stage == Stage.CANCELLED), None)


def steps(project, changes, items):
    """The road of the project for the `steps` tag; a stage it skipped is left out."""
    reached = {change.to_stage: change for change in changes}
    road = [Stage.AGREED, Stage.FUNDED, Stage.RUNNING, Stage.COMPLETED]
    if project.stage in (Stage.RUNNING, Stage.COMPLETED):
        road = [stage for stage in road if stage != Stage.FUNDED or stage in reached]
    if project.stage == Stage.CANCELLED:
        road = [stage for stage in road if stage in reached] + [Stage.CANCELLED]
    return [_step(project, stage, reached, items) for stage in road]


def _step(project, stage, reached, items):
    change = reached.get(stage)
    if change:
        when = dates.format_date_short(change.at)
    elif stage == Stage.COMPLETED and items:
        end = max(item.ends_on for item in items)
        when = _("rencana %(day)s") % {"day": dates.format_date_short(end)}
    else:
        when = ""
    closed = project.stage == stage == Stage.COMPLETED
    now = project.stage == stage and not closed
    state = "now" if now else "done" if change else "later"
    return {"label": stage.label, "date": when, "state": state}


def with_weights(items):
    """Give each work item its `weight` in percent; returns the sum of costs."""
    total = sum(item.cost for item in items)
    for item in items:
        item.weight = item.cost * 100 / total
    return total


def window(items):
    """(first day, last day, how many days) of the plan, or None without one."""
    if not items:
        return None
    first = min(item.starts_on for item in items)
    last = max(item.ends_on for item in items)
    return first, last, (last - first).days + 1


def reality(reports, items):
    """Points (day, percent) of what was reached, oldest first, for the curve."""
    by_day = groupby(reversed(reports), lambda report: report.reported_on)
    points = [(day, list(same)[-1].physical) for day, same in by_day]
    if not points or not items:
        return points
    begin = min(item.starts_on for item in items) - timedelta(days=1)
    return [(begin, 0), *points] if begin < points[0][0] else points


def with_plan(reports, items):
    """Give each report its `planned` percent and its `gap` in points."""
    for report in reports:
        report.planned = curve.planned(items, report.reported_on)
        if report.planned is not None:
            gap = whole(report.physical) - whole(report.planned)
            report.gap = f"{gap:+d}".replace("-", "−") if gap else "0"
    return reports


def money_by_source(project):
    """[{name, asked, approved, own}] in whole rupiah, over its open requests.

    `own` is what the villages bring themselves in requests that were granted.
    """
    granted = Q(approved__gt=0)
    rows = (
        project.requests.exclude(status__in=["draft", "withdrawn", "rejected"])
        .filter(lines__isnull=False)
        .order_by("lines__allotment__source__name", "lines__allotment__village__name")
        .values_list(
            "lines__allotment__source__name", "lines__allotment__village__name"
        )
        .annotate(
            Sum("lines__amount"),
            Sum("lines__approved"),
            own=Sum("lines__amount", filter=granted & Q(lines__allotment=None)),
        )
    )
    return [
        {
            "name": " ".join(filter(None, [source, village])) or _("Swadaya desa"),
            "asked": int(asked),
            "approved": int(approved or own or 0),
            "own": int(own or 0),
        }
        for source, village, asked, approved, own in rows
    ]


def money(project, sources):
    """Spent against what there is, in whole rupiah and percent, for the page's head.

    What there is: the money approved and the villages' own share, or the plan's cost
    while nothing was approved.
    """
    own = sum(row["own"] for row in sources)
    spent = project.last_spent or 0
    there_is = project.approved + own or project.cost
    return {
        "spent": spent,
        "there_is": there_is,
        "asked": sum(row["asked"] for row in sources),
        "granted": project.approved + own,
        "is_plan": not project.approved,
        "spent_percent": spent * 100 / there_is if there_is else 0,
        "at_hand_percent": (project.released + own) * 100 / there_is if there_is else 0,
        "overspent": project.approved and max(0, spent - project.released - own),
    }


def aid(project, cut):
    """What partners have promised: {pledges, promised, received, more}, of a project
    read `with_aid`. The rupiah are of funds that the village has agreed to; `cut`: how
    many lines are shown, None for all."""
    room = project.pledges.model
    pledges = [_pledge(room, facts) for facts in project.aid]
    funds = [one for one in pledges if one.is_funds and one.status in room.IN_FORCE]
    return {
        "pledges": pledges[:cut],
        "promised": sum(one.amount for one in funds),
        "received": sum(one.received for one in funds),
        "more": cut and len(pledges) > cut,
    }


def _pledge(room, facts):
    facts = dict(facts)
    name, counts = facts.pop("partner"), ("quantity", "received_quantity")
    facts |= {count: _decimal(facts[count]) for count in counts}
    found = room(**facts)
    found.partner = room.partner.field.related_model(pk=found.partner_id, name=name)
    return found


def _decimal(number):
    return None if number is None else Decimal(str(number))


def journey(changes, reports, links, moves, photos):
    """Everything that happened, newest first: [{day, title, text, url, by, photos}]."""
    told = [
        *map(_stage_told, changes),
        *(_report_told(report, photos) for report in reports),
        *map(_decision_told, links),
        *(_move_told(move) for move in moves if move.to in MOVES_TOLD),
    ]
    return sorted(told, key=_when, reverse=True)


def updated_at(project, changes, reports):
    """When what the page tells was last changed."""
    moments = [project.updated_at, *(change.at for change in changes)]
    return max(moments + [report.created_at for report in reports])


def share_address(project):
    """A WhatsApp link: how far the project is, its money, the address of its page.

    For a project `with_money()` and `with_last_report()`.
    """
    state = _("Keadaan: %(stage)s") % {"stage": project.get_stage_display()}
    if project.last_physical is not None:
        percent = format_decimal(project.last_physical)
        state += _(", fisik %(percent)s%%") % {"percent": percent}
    money = _("Dana disetujui %(approved)s, cair %(released)s") % {
        "approved": format_rupiah(project.approved),
        "released": format_rupiah(project.released),
    }
    lines = [project.lead_village.full_name, state, money if project.approved else ""]
    return share.whatsapp(project.title, lines, project.get_absolute_url())


def _when(entry):
    return entry["day"], entry["moment"]


def _stage_told(change):
    return {
        "day": dates.to_date(change.at),
        "moment": change.at,
        "title": STAGES_TOLD[change.to_stage],
        "text": change.note,
    }


def _report_told(report, photos):
    return {
        "day": report.reported_on,
        "moment": report.created_at,
        "title": _("Laporan kemajuan: fisik %(percent)s%%")
        % {"percent": format_decimal(report.physical)},
        "text": report.text,
        "by": report.created_by.name,
        "photos": [photo for photo in photos if photo.report_id == report.pk],
    }


def _decision_told(link):
    decision, meeting = link.decision, link.decision.meeting
    words = Truncator(decision.text).chars(LENGTH_OF_A_TITLE)
    return {
        "day": dates.to_date(meeting.starts_at),
        "moment": meeting.starts_at,
        "title": _("Keputusan %(number)s: %(words)s")
        % {"number": decision.number, "words": words},
        "text": str(meeting),
        "url": decision.get_absolute_url(),
    }


def _move_told(move):
    again = RUNNING_AGAIN.get(move.came_from) if move.to == "running" else None
    title = _("Permohonan %(number)s %(moved)s") % {
        "number": move.number,
        "moved": again or MOVES_TOLD[move.to],
    }
    if move.to == "approved":
        title += f" {format_rupiah(move.approved)}"
    return {
        "day": dates.to_date(move.moved_at),
        "moment": move.moved_at,
        "title": title,
        "text": move.reason if move.to in WITH_REASON else "",
        "url": move.get_absolute_url(),
    }
