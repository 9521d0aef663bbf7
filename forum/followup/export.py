"""Follow-up as open data, once the meeting that agreed on it is final."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from forum.followup.filters import FollowUpFilter
from forum.meetings.export import of_meeting
from forum.meetings.models import ActionItem
from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table


def _follow_ups():
    return (
        ActionItem.objects.agreed()
        .annotate(
            by=Case(
                When(village=None, then=Value("Kecamatan")), default=F("village__name")
            )
        )
        .order_by("-meeting__starts_at", "-meeting_id", "due_on", "pk")
    )


FOLLOW_UPS = Table(
    name="tindak-lanjut",
    title=_("Tindak lanjut"),
    about=_("Siapa mengerjakan apa setelah rapat, sampai kapan, dan sudah atau belum."),
    address="forum:follow-ups-csv",
    rows=_follow_ups,
    columns=(
        *of_meeting("meeting"),
        Column("Tentang", "meeting__title", _("Pokok pembicaraan rapat itu")),
        Column("Tugas", "task", _("Yang harus dikerjakan")),
        Column("Penanggung jawab", "by", _("Desa, atau Kecamatan")),
        Column("Kode desa", "village__code", _("Kode Kemendagri")),
        Column("Paling lambat", "due_on", _("Batas waktu")),
        Column("Selesai pada", "done_on", _("Kosong bila belum selesai")),
    ),
)


@login_not_required
@require_safe
def follow_ups(request):
    found = FollowUpFilter(request.GET, queryset=FOLLOW_UPS.rows())
    tables.check(found)
    return FOLLOW_UPS.send(found.qs)
