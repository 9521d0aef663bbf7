"""Requests for money and their budget lines as open data."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from projects.funding.filters import RequestFilter
from projects.funding.models import BudgetLine, FundingRequest, public_status


def _requests():
    return FundingRequest.objects.visible_to(tables.STRANGER)


def _lines():
    return (
        BudgetLine.objects.filter(request__in=_requests().values("pk"))
        .annotate(
            owner=Coalesce(
                F("allotment__village__name"), F("allotment__district__name")
            )
        )
        .order_by("-request", "group", "pk")
    )


REQUESTS = Table(
    name="permohonan-dana",
    title=_("Permohonan dana"),
    about=_("Tiap permohonan yang pernah diajukan: keadaannya dan uangnya."),
    address="projects:money-csv",
    rows=_requests,
    columns=(
        Column("Nomor permohonan", "pk", _("Nomor tetap permohonan di portal ini")),
        Column(
            "Halaman", "pk", _("Alamat halamannya"), tables.page("projects:request")
        ),
        Column("Judul", "title", _("Judul permohonan")),
        Column("Tahun anggaran", "year", _("Tahun anggaran")),
        Column("Nomor proyek", "project", _("Proyek yang dimintakan dana")),
        Column("Nama proyek", "project__title", _("Nama proyek itu")),
        Column("Desa", "project__lead_village__name", _("Desa yang meminta")),
        Column("Kode desa", "project__lead_village__code", _("Kode Kemendagri")),
        Column(
            "Keadaan",
            "status",
            _("Diusulkan, diperiksa, dan seterusnya"),
            public_status,
        ),
        Column("Sejak", "status_since", _("Sejak kapan keadaannya begitu, WIB")),
        Column("Diminta (Rp)", "requested", _("Jumlah yang diminta, rupiah")),
        Column("Disetujui (Rp)", "approved", _("Jumlah yang disetujui, rupiah")),
        Column("Cair (Rp)", "released", _("Jumlah yang sudah cair, rupiah")),
        Column(
            "Dipertanggungjawabkan (Rp)",
            "accounted",
            _("Jumlah pada laporan yang sudah diterima, rupiah"),
        ),
        Column("Surat keputusan", "decision_letter", _("Nomor surat keputusan")),
    ),
)

LINES = Table(
    name="rab",
    title=_("Rencana anggaran biaya (RAB)"),
    about=_("Tiap baris RAB dari permohonan yang pernah diajukan."),
    address="projects:lines-csv",
    rows=_lines,
    columns=(
        Column("Nomor permohonan", "request", _("Permohonan pemilik baris ini")),
        Column(
            "Halaman",
            "request",
            _("Alamat halaman permohonan itu"),
            tables.page("projects:request"),
        ),
        Column("Judul", "request__title", _("Judul permohonan itu")),
        Column("Tahun anggaran", "request__year", _("Tahun anggaran")),
        Column("Desa", "request__project__lead_village__name", _("Desa yang meminta")),
        Column(
            "Kelompok",
            "group",
            _("Bahan, alat, upah, atau operasional"),
            tables.label(BudgetLine.Group),
        ),
        Column("Uraian", "description", _("Barang atau pekerjaan")),
        Column("Volume", "quantity", _("Banyaknya; desimal dengan titik")),
        Column("Satuan", "unit", _("Satuan volume")),
        Column("Harga satuan (Rp)", "unit_price", _("Harga satuan, rupiah")),
        Column("Jumlah (Rp)", "amount", _("Volume kali harga satuan, rupiah")),
        Column(
            "Sumber dana",
            "allotment__source__name",
            _("Kosong bila ditanggung desa sendiri"),
        ),
        Column("Pemilik pagu", "owner", _("Desa atau kecamatan pemilik pagu")),
        Column("Disetujui (Rp)", "approved", _("Kosong bila belum diputuskan, rupiah")),
        Column("Alasan perubahan", "cut_reason", _("Bila disetujui kurang")),
    ),
)


def _found(request):
    found = RequestFilter(request.GET, queryset=REQUESTS.rows())
    tables.check(found)
    return found.qs


@login_not_required
@require_safe
def requests(request):
    return REQUESTS.send(_found(request))


@login_not_required
@require_safe
def lines(request):
    """The lines of the requests that the filters leave."""
    found = _found(request).order_by().values("pk")
    return LINES.send(LINES.rows().filter(request__in=found))
