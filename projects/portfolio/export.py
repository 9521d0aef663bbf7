"""Projects as open data."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from projects.portfolio.filters import ProjectFilter
from projects.portfolio.models import Participation, Project


def _rows():
    partners = Participation.objects.filter(project=OuterRef("pk"))
    partners = partners.order_by("village__name")
    return (
        Project.objects.visible_to(tables.STRANGER)
        .with_last_report()
        .with_plan()
        .with_money()
        .annotate(partners=ArraySubquery(partners.values("village__name")))
    )


PROJECTS = Table(
    name="proyek",
    title=_("Proyek bersama"),
    about=_("Tiap proyek dengan desanya, tahapnya, kemajuannya, dan uangnya."),
    address="projects:projects-csv",
    rows=_rows,
    columns=(
        Column("Nomor proyek", "pk", _("Nomor tetap proyek di portal ini")),
        Column(
            "Halaman", "pk", _("Alamat halamannya"), tables.page("projects:project")
        ),
        Column("Nama proyek", "title", _("Nama proyek")),
        Column("Bidang", "sector", _("Bidang kerja"), tables.label(Project.Sector)),
        Column("Tahap", "stage", _("Tahap sekarang"), tables.label(Project.Stage)),
        Column("Tahun anggaran", "year", _("Tahun anggaran")),
        Column("Desa utama", "lead_village__name", _("Desa yang memimpin")),
        Column("Kode desa utama", "lead_village__code", _("Kode Kemendagri")),
        Column("Desa lain", "partners", _("Desa lain yang ikut, dipisah titik koma")),
        Column("Lokasi", "place", _("Tempat pekerjaan")),
        Column("Tujuan", "purpose", _("Untuk apa proyek ini")),
        Column("Keluarga", "beneficiary_families", _("Keluarga penerima manfaat")),
        Column("Jiwa", "beneficiary_people", _("Jiwa penerima manfaat")),
        Column("Biaya (Rp)", "cost", _("Jumlah biaya semua pekerjaan, rupiah")),
        Column(
            "Rencana fisik (%)",
            "planned",
            _("Yang menurut rencana sudah selesai hari ini, persen"),
            tables.percent,
        ),
        Column("Fisik (%)", "last_physical", _("Menurut laporan terakhir, persen")),
        Column("Tanggal laporan", "last_reported_on", _("Laporan terakhir")),
        Column("Terpakai (Rp)", "last_spent", _("Menurut laporan terakhir, rupiah")),
        Column("Disetujui (Rp)", "approved", _("Dana yang disetujui, rupiah")),
        Column("Cair (Rp)", "released", _("Dana yang sudah cair, rupiah")),
    ),
)


@login_not_required
@require_safe
def projects(request):
    found = ProjectFilter(request.GET, queryset=PROJECTS.rows())
    tables.check(found)
    return PROJECTS.send(found.qs)
