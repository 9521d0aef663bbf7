"""Pages of meetings that everyone reads, and what comes of decisions.

The room where meetings are written has its views in `room.py`.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forum.meetings import actions, forms
from forum.meetings.filters import MeetingFilter
from forum.meetings.models import (
    ActionItem,
    Body,
    Decision,
    DecisionLink,
    Meeting,
    ProxyLetter,
    Scan,
)
from leksono_portal.kit import dates, files, share
from leksono_portal.kit import papers as kit_papers
from leksono_portal.kit.filters import address
from leksono_portal.kit.once import once
from projects.funding.models import FundingRequest
from projects.portfolio.forms import ProjectForm
from projects.portfolio.models import villages_leadable_by

PAGE_SIZE = 20
FOLLOW_UP_SIZE = 6  # of the list at /tindak-lanjut/, shown elsewhere


@login_not_required
@require_safe
def forum(request):
    """What comes next, what was decided, what is still to be done."""
    follow_up = ActionItem.objects.open().select_related("meeting", "village")
    context = {
        "upcoming": Meeting.objects.upcoming().select_related("body")[:4],
        "decisions": Decision.objects.final()
        .with_projects()
        .select_related("meeting")[:5],
        "follow_up": follow_up.order_by("due_on", "pk")[:FOLLOW_UP_SIZE],
    }
    return render(request, "forum/meetings/forum.html", context)


@login_not_required
@require_safe
def meetings(request):
    """Coming meetings first, then the past; filters in the address."""
    offered = filter_choices(request.user)
    decided = Decision.objects.final().filter(meeting=OuterRef("pk")).order_by()
    decided = decided.values("meeting").annotate(n=Count("pk")).values("n")
    found = MeetingFilter(
        request.GET,
        queryset=Meeting.objects.visible_to(request.user)
        .select_related("body", "record")
        .annotate(decision_count=Coalesce(Subquery(decided), 0)),
        **offered,
    )
    paginator = Paginator(found.qs.from_next_to_oldest(), PAGE_SIZE)
    context = {
        "filter": found,
        "page_obj": paginator.get_page(request.GET.get("page")),
        "can_call": any(body.can_write for body in offered["bodies"]),
        "has_bodies": bool(offered["bodies"]),
        "pills": [
            (label, value, address(request, **{name: None}))
            for name, label, value in found.active()
        ],
    }
    return render(request, "forum/meetings/meetings.html", context)


@login_not_required
@require_safe
def meeting(request, pk):
    """The invitation at once; what was said, decided and agreed once it is final."""
    shown = fetch(request, pk)
    agenda = list(
        shown.agenda.shown_to(request.user).select_related(
            "carried_from__meeting", "carried_to__meeting"
        )
    )
    whatsapp = _share_address(shown, agenda)
    context = {
        "meeting": shown,
        "agenda": agenda,
        "whatsapp": whatsapp,
        "earlier": shown.record.paper.content.get("earlier", ())
        if shown.is_final
        else earlier_of(shown, request.user),
    }
    if shown.can_read:
        context |= _what_was_said(shown, request.user)
    return render(request, "forum/meetings/meeting.html", context)


@login_not_required
@require_safe
def record_pdf(request, pk):
    """The berita acara; until the worker has made it, a page that says so."""
    found = get_object_or_404(_final(request).select_related("record__paper"), pk=pk)
    return _paper(request, found, found.record.paper, _("Berita acara"))


@login_not_required
@require_safe
def attendance_pdf(request, pk):
    """Who came, names and posts only; as `record_pdf`."""
    found = get_object_or_404(
        _final(request)
        .filter(record__attendance_paper__isnull=False)
        .select_related("record__attendance_paper"),
        pk=pk,
    )
    return _paper(request, found, found.record.attendance_paper, _("Daftar hadir"))


@files.takes_files
@once
def scan_add(request, pk):
    """Put the signed berita acara on file."""
    found = fetch(request, pk)
    if not found.can_keep_papers:
        raise PermissionDenied(
            _(
                "Pindaian bertanda tangan disimpan pimpinan atau notulis rapat, atau "
                "sekcam, setelah rapat final."
            )
        )
    form = forms.ScanForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        _scan, is_new = actions.add_scan(found, by=request.user, **form.cleaned_data)
        if is_new:
            messages.success(request, _("Pindaian tersimpan; dibuka petugas saja."))
        else:
            messages.warning(
                request, _("Pindaian ini sudah ada, jadi tidak disimpan dua kali.")
            )
        return redirect(f"{found.get_absolute_url()}#pindaian")
    context = {"meeting": found, "form": form}
    return render(request, "forum/meetings/scan_add.html", context)


@require_safe
def scan_file(request, pk, scan):
    """The signed paper, for officers of the body; for others it is not there."""
    found = get_object_or_404(
        Scan.objects.visible_to(request.user).select_related("file", "meeting__record"),
        meeting=pk,
        pk=scan,
    )
    number = found.meeting.record.number.replace("/", "-")
    return files.serve(
        request,
        found.file,
        size=max(found.file.SIZES),
        name=slugify(f"pindaian {number}"),
    )


@require_safe
def letter_file(request, pk, letter):
    """A surat kuasa, for officers of the body; for others it is not there."""
    found = get_object_or_404(
        ProxyLetter.objects.visible_to(request.user).select_related("file", "meeting"),
        meeting=pk,
        pk=letter,
    )
    if not found.file.is_ready:
        messages.info(request, _("Surat kuasa sedang disiapkan. Buka lagi sebentar."))
        return redirect(f"{found.meeting.get_absolute_url()}#hadir")
    name = f"surat-kuasa-{pk}-{letter}"
    return files.serve(request, found.file, size=max(found.file.SIZES), name=name)


@once
def action_done(request, item):
    task = get_object_or_404(
        ActionItem.objects.visible_to(request.user)
        .with_verbs(request.user)
        .select_related("meeting", "village"),
        pk=item,
    )
    back = f"{task.meeting.get_absolute_url()}#tindak-lanjut"
    room = request.GET.get("rapat", "")  # from whose room it is ticked off
    if room.isdecimal() and len(room) < 10:
        back = f"{reverse('forum:meeting-log', args=[int(room)])}#rapat-lalu"
    if request.method == "POST":
        actions.finish_action_item(task, by=request.user)
        messages.success(request, _("Selesai: %(task)s") % {"task": task.task})
        return redirect(back)
    if not task.can_finish:
        raise PermissionDenied(
            _("Tindak lanjut ini sudah selesai, atau bukan tanggung jawab Anda.")
        )
    context = {
        "title": _("Tindak lanjut selesai"),
        "text": task.task,
        "submit": _("Tandai selesai hari ini"),
        "back": back,
    }
    return render(request, "forum/meetings/confirm.html", context)


@once
def decision_project(request, pk, item):
    decision = _decision(request, pk, item)
    members = decision.meeting.body.villages.all()
    form = ProjectForm(
        request.POST or None,
        lead_villages=villages_leadable_by(request.user).filter(pk__in=members),
    )
    form.fields["partner_villages"].queryset = members
    if request.method == "POST" and form.is_valid():
        project = actions.create_project(decision, by=request.user, **form.cleaned_data)
        messages.success(request, _("Keputusan ini sekarang menjadi proyek."))
        return redirect(project)
    context = _decision_context(decision) | {
        "form": form,
        "title": _("Jadikan proyek"),
        "submit": _("Buat proyek"),
    }
    return render(request, "forum/meetings/form.html", context)


@once
def decision_link(request, pk, item):
    decision = _decision(request, pk, item)
    form = forms.LinkForm(request.POST or None, decision=decision)
    if request.method == "POST" and form.is_valid():
        try:
            actions.link_project(decision, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Keputusan dan proyek sekarang terkait."))
            return redirect(decision)
    context = _decision_context(decision) | {
        "form": form,
        "title": _("Kaitkan dengan proyek"),
        "submit": _("Kaitkan"),
    }
    return render(request, "forum/meetings/form.html", context)


def fetch(request, pk, *, counted=False):
    """A meeting with its verbs for this reader, or 404; `counted()` if asked for."""
    meetings = Meeting.objects.visible_to(request.user)
    return get_object_or_404(
        (meetings.counted() if counted else meetings)
        .with_verbs(request.user)
        .with_amendments()
        .with_delay()
        .select_related(
            "body__district",
            "chair",
            "secretary",
            "updated_by",
            "record__paper",
            "second",
            "second_of",
        )
        .defer("record__paper__pdf"),
        pk=pk,
    )


def check_may_write(shown):
    """Raise PermissionDenied unless the reader that `shown` was fetched for writes it."""
    if not shown.can_write:
        raise PermissionDenied(shown.why_not_written)


def _final(request):
    return Meeting.objects.visible_to(request.user).filter(record__isnull=False)


def _paper(request, found, paper, title):
    name = slugify(f"{title} {found.record.number.replace('/', '-')}")
    back = (found.get_absolute_url(), _("Kembali ke rapat"))
    return kit_papers.respond(request, paper, name=name, title=title, back=back)


def attendance_of(shown):
    """Totals and quorums as they stand; what is final has them frozen."""
    return counted_of(shown).attendance


def counted_of(shown):
    """The meeting with all that quorum and postponement are judged by."""
    return Meeting.objects.counted().get(pk=shown.pk)


def earlier_of(shown, user):
    """The nearest follow-up of earlier meetings that was open when `shown` began."""
    rows = ActionItem.objects.open_at(shown).with_verbs(user).order_by("due_on", "pk")
    return rows[:FOLLOW_UP_SIZE]


def _decision(request, pk, item):
    decision = get_object_or_404(
        Decision.objects.visible_to(request.user).select_related("meeting__body"),
        meeting=pk,
        pk=item,
    )
    actions.check_makes_projects(decision, request.user)
    return decision


def _decision_context(decision):
    return {
        "decision": decision,
        "meeting": decision.meeting,
        "back": decision.get_absolute_url(),
    }


def _what_was_said(shown, user):
    """Notes, decisions with their projects and requests, follow-up and attendance."""
    requests = FundingRequest.objects.visible_to(user).order_by("pk")
    decisions = shown.decisions.shown_to(user).prefetch_related(
        Prefetch("links", DecisionLink.objects.select_related("project")),
        Prefetch("links__project__requests", requests, to_attr="shown_requests"),
    )
    for decision in decisions:
        decision.chains = [
            _chain(decision, link.project) for link in decision.links.all()
        ]
    return {
        "decisions": decisions,
        "ballots": shown.record.paper.content.get("ballots", ())
        if shown.is_final
        else shown.ballots.shown_to(user).as_records(),
        "scans": shown.scans.select_related("file") if shown.is_final else (),
        "action_items": shown.action_items.with_verbs(user).select_related("village"),
        "people": shown.participants.filter(present=True)
        .with_letters()
        .select_related("village"),
        "attendance": shown.record.paper.content["attendance"]
        if shown.is_final
        else attendance_of(shown),
    }


def _share_address(shown, agenda):
    """A WhatsApp link: the invitation, or that its record can be read."""
    hours = dates.format_time(shown.starts_at)
    until = dates.format_time(shown.ends_at) if shown.ends_at else _("selesai")
    lines = [
        _("Hari: %(day)s") % {"day": dates.format_date(shown.starts_at)},
        _("Jam: %(start)s sampai %(end)s") % {"start": hours, "end": until},
        _("Tempat: %(place)s") % {"place": shown.place},
    ]
    if shown.is_final:
        lines.append(_("Berita acara: %(number)s") % {"number": shown.record.number})
    elif agenda:
        # A link that goes from hand to hand, whoever made it.
        lines += [_("Acara:"), *(item.public_name for item in agenda)]
    return share.whatsapp(str(shown), lines, shown.get_absolute_url())


def _chain(decision, project):
    return [
        ("putusan", _("Keputusan %(n)s") % {"n": decision.number}, None),
        ("proyek", project.title, project.get_absolute_url()),
        *(
            (
                "dana",
                _("Permohonan %(number)s") % {"number": request.number},
                request.get_absolute_url(),
            )
            for request in project.shown_requests
        ),
    ]


def _bodies_with_span(user):
    """Bodies with can_write, and when the first and last meeting of all were."""
    by_day = Meeting.objects.order_by("starts_at").values("starts_at")
    return Body.objects.annotate(
        can_write=Exists(Body.objects.writable_by(user).filter(pk=OuterRef("pk"))),
        first=Subquery(by_day[:1]),
        last=Subquery(by_day.reverse()[:1]),
    )


def _years(bodies):
    if not bodies or not bodies[0].first:
        return []
    first, last = (dates.to_date(day).year for day in (bodies[0].first, bodies[0].last))
    return range(last, first - 1, -1)


def filter_choices(user):
    """What `MeetingFilter` offers: all bodies, and the years there were meetings in."""
    bodies = list(_bodies_with_span(user))
    return {"bodies": bodies, "years": _years(bodies)}
