"""What partners promised and what came of it, as open data."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from projects.pledges.models import Pledge

PLEDGES = Table(
    name="janji-mitra",
    title=_("Janji mitra"),
    about=_("Apa yang dijanjikan mitra bagi proyek, yang diterima, dan menjadi apa."),
    address="projects:pledges-csv",
    rows=lambda: Pledge.objects.visible_to(tables.STRANGER),
    columns=(
        Column("Nomor", "pk", _("Nomor tetapnya di portal ini")),
        Column("Halaman", "pk", _("Alamat halamannya"), tables.page("projects:pledge")),
        Column("Mitra", "partner__name", _("Siapa yang berjanji")),
        Column("Nomor mitra", "partner", _("Nomor mitra itu di berkas mitra")),
        Column("Proyek", "project__title", _("Proyek yang dibantu")),
        Column("Nomor proyek", "project", _("Nomor proyek itu di berkas proyek")),
        Column("Desa", "project__lead_village__name", _("Desa utama proyek itu")),
        Column(
            "Bentuk",
            "kind",
            _("Dana, barang, pelatihan, atau aturan dan pendampingan"),
            tables.label(Pledge.Kind),
        ),
        Column("Apa", "what", _("Yang dijanjikan")),
        Column(
            "Keadaan",
            "status",
            _("Ditawarkan, disepakati, diterima, dimanfaatkan, atau tidak jadi"),
            tables.label(Pledge.Status),
        ),
        Column("Dana dijanjikan (Rp)", "amount", _("Hanya untuk dana, rupiah")),
        Column("Dana diterima (Rp)", "received", _("Jumlah penerimaannya, rupiah")),
        Column("Taksiran nilai (Rp)", "estimate", _("Kira-kira, bukan uang, rupiah")),
        Column("Banyaknya", "quantity", _("Untuk barang yang dihitung")),
        Column("Diterima", "received_quantity", _("Banyaknya yang sudah diterima")),
        Column("Satuan", "unit", _("Satuan barangnya")),
        Column("Menjadi apa", "outcome", _("Menurut desa; kosong sampai dimanfaatkan")),
        Column("Dicatat", "created_at", _("Waktu dicatat, WIB")),
        Column("Sejak", "status_since", _("Sejak kapan dalam keadaan ini, WIB")),
    ),
)


@login_not_required
@require_safe
def pledges(request):
    return PLEDGES.send(PLEDGES.rows())
