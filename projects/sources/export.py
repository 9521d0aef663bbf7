"""Ceilings as open data."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from projects.sources.filters import AllotmentFilter
from projects.sources.models import Allotment, CeilingChange


def _rows():
    first = CeilingChange.objects.filter(allotment=OuterRef("pk"), is_accepted=True)
    before = Subquery(first.order_by("pk").values("before")[:1])
    return Allotment.objects.visible_to(tables.STRANGER).annotate(
        owner=Coalesce(F("village__name"), F("district__name")),
        owner_code=Coalesce(F("village__code"), F("district__code")),
        left=F("ceiling") - F("reserved"),
        first_ceiling=Coalesce(before, F("ceiling")),
    )


ALLOTMENTS = Table(
    name="pagu",
    title=_("Pagu"),
    about=_("Pagu tiap sumber dana yang sudah ditetapkan, dan yang sudah terikat."),
    address="projects:allotments-csv",
    rows=_rows,
    columns=(
        Column("Tahun anggaran", "year", _("Tahun anggaran")),
        Column("Sumber dana", "source__name", _("Nama sumber dana")),
        Column("Kode sumber", "source__code", _("Kode sumber dana, tetap")),
        Column("Pemilik pagu", "owner", _("Desa atau kecamatan")),
        Column("Kode pemilik", "owner_code", _("Kode Kemendagri")),
        Column("Pagu (Rp)", "ceiling", _("Yang berlaku sekarang, rupiah")),
        Column("Terikat (Rp)", "reserved", _("Yang sudah disetujui darinya, rupiah")),
        Column("Sisa (Rp)", "left", _("Pagu dikurangi yang terikat, rupiah")),
        Column(
            "Pagu semula (Rp)",
            "first_ceiling",
            _("Yang pertama ditetapkan Camat, sebelum perubahan; rupiah"),
        ),
    ),
)


@login_not_required
@require_safe
def allotments(request):
    found = AllotmentFilter(request.GET, queryset=ALLOTMENTS.rows())
    tables.check(found)
    return ALLOTMENTS.send(found.qs)
