"""Meetings and decisions as open data; what was said only once it is final."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Func,
    OuterRef,
    Subquery,
    When,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from forum.meetings.filters import MeetingFilter
from forum.meetings.models import Decision, DecisionLink, Meeting
from forum.meetings.views import filter_choices
from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table


def _meetings():
    decided = Decision.objects.filter(meeting=OuterRef("pk")).order_by()
    decided = decided.annotate(n=Func("pk", function="COUNT")).values("n")
    return (
        Meeting.objects.visible_to(tables.STRANGER)
        .annotate(
            decided=Case(When(finalised_at__isnull=False, then=Subquery(decided)))
        )
        .order_by("-starts_at", "-pk")
    )


def _decisions():
    links = DecisionLink.objects.filter(decision=OuterRef("pk")).order_by("pk")
    numbers = links.annotate(n=Cast("project_id", CharField())).values("n")
    return Decision.objects.final().annotate(project_numbers=ArraySubquery(numbers))


def of_meeting(prefix):
    """The columns that say of which meeting a row is."""
    return (
        Column("Nomor rapat", prefix, _("Nomor tetap rapat di portal ini")),
        Column(
            "Halaman", prefix, _("Alamat halaman rapat"), tables.page("forum:meeting")
        ),
    )


MEETINGS = Table(
    name="rapat",
    title=_("Rapat"),
    about=_("Jadwal rapat antardesa, yang lalu dan yang akan datang."),
    address="forum:meetings-csv",
    rows=_meetings,
    columns=(
        *of_meeting("pk"),
        Column("Lembaga", "body__name", _("Yang bermusyawarah")),
        Column("Jenis", "kind", _("Jenis rapat"), tables.label(Meeting.Kind)),
        Column("Tentang", "title", _("Pokok pembicaraan")),
        Column("Mulai", "starts_at", _("Tanggal dan jam, WIB")),
        Column("Selesai", "ends_at", _("Tanggal dan jam, WIB")),
        Column("Tempat", "place", _("Tempat rapat")),
        Column("Nomor berita acara", "record__number", _("Kosong bila belum final")),
        Column("Banyak keputusan", "decided", _("Kosong bila belum final")),
    ),
)

DECISIONS = Table(
    name="keputusan",
    title=_("Keputusan rapat"),
    about=_("Tiap keputusan dari rapat yang berita acaranya sudah final."),
    address="forum:decisions-csv",
    rows=_decisions,
    columns=(
        *of_meeting("meeting"),
        Column("Nomor berita acara", "meeting__record__number", _("Berita acaranya")),
        Column("Tentang", "meeting__title", _("Pokok pembicaraan rapat itu")),
        Column("Tanggal rapat", "meeting__starts_at", _("Tanggal dan jam, WIB")),
        Column("Nomor keputusan", "number", _("Urutan di dalam rapat itu")),
        Column("Isi", "text", _("Bunyi keputusan")),
        Column(
            "Cara", "method", _("Mufakat atau suara"), tables.label(Decision.Method)
        ),
        Column("Setuju", "votes_for", _("Suara setuju, bila dipungut suara")),
        Column("Tidak setuju", "votes_against", _("Suara tidak setuju")),
        Column("Abstain", "votes_abstain", _("Suara abstain")),
        Column("Keberatan", "dissent", _("Keberatan yang dicatat")),
        Column(
            "Nomor proyek",
            "project_numbers",
            _("Proyek yang lahir darinya, dipisah titik koma"),
        ),
    ),
)


def _found(request):
    found = MeetingFilter(
        request.GET, queryset=MEETINGS.rows(), **filter_choices(tables.STRANGER)
    )
    tables.check(found)
    return found.qs


@login_not_required
@require_safe
def meetings(request):
    return MEETINGS.send(_found(request))


@login_not_required
@require_safe
def decisions(request):
    """The decisions of the meetings that the filters leave."""
    found = _found(request).order_by().values("pk")
    return DECISIONS.send(DECISIONS.rows().filter(meeting__in=found))
