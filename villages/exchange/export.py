"""What villages have and need, as open data."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from villages.exchange.filters import ResourceFilter
from villages.exchange.models import Resource

RESOURCES = Table(
    name="sumber-daya",
    title=_("Sumber daya desa"),
    about=_("Apa yang dipunyai dan dibutuhkan tiap desa, juga yang sudah ditutup."),
    address="villages:resources-csv",
    rows=lambda: Resource.objects.visible_to(tables.STRANGER),
    columns=(
        Column("Nomor", "pk", _("Nomor tetapnya di portal ini")),
        Column(
            "Halaman", "pk", _("Alamat halamannya"), tables.page("villages:resource")
        ),
        Column(
            "Punya atau butuh",
            "kind",
            _("Dipunyai atau dibutuhkan desa itu"),
            tables.label(Resource.Kind),
        ),
        Column("Jenis", "what", _("Apa bentuknya"), tables.label(Resource.What)),
        Column("Nama", "title", _("Nama menurut desanya")),
        Column("Desa", "village__name", _("Desa yang menulisnya")),
        Column("Kode desa", "village__code", _("Kode Kemendagri")),
        Column("Keterangan", "description", _("Keadaan dan syaratnya")),
        Column("Jumlah", "how_many", _("Jumlah, sebagaimana ditulis")),
        Column("Tempat", "place", _("Di mana")),
        Column("Mulai", "available_from", _("Tanggal pertama, bila ada")),
        Column("Sampai", "available_until", _("Tanggal terakhir, bila ada")),
        Column(
            "Keadaan",
            "status",
            _("Terbuka, terpenuhi, atau tidak jadi"),
            tables.label(Resource.Status),
        ),
        Column("Alasan ditutup", "closed_because", _("Kosong selama terbuka")),
        Column("Ditulis", "created_at", _("Waktu ditulis, WIB")),
        Column("Ditutup", "closed_at", _("Waktu ditutup, WIB")),
    ),
)


@login_not_required
@require_safe
def resources(request):
    found = ResourceFilter(request.GET, queryset=RESOURCES.rows())
    tables.check(found)
    return RESOURCES.send(found.qs)
