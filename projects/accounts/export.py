"""Receipts as open data; to whom was paid is not in it."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from projects.accounts.models import Account, Receipt

OF = "account__release__tranche"


def _receipts():
    visible = Receipt.objects.visible_to(tables.STRANGER)
    return visible.order_by("-account", "paid_on", "pk")


RECEIPTS = Table(
    name="bukti-pengeluaran",
    title=_("Bukti pengeluaran"),
    about=_("Tiap kwitansi atau nota pada laporan dana, tanpa nama penerimanya."),
    address="projects:receipts-csv",
    rows=_receipts,
    columns=(
        Column("Nomor permohonan", f"{OF}__request", _("Permohonan pemilik bukti ini")),
        Column(
            "Halaman",
            f"{OF}__request",
            _("Alamat halaman permohonan itu"),
            tables.page("projects:request"),
        ),
        Column(
            "Desa",
            f"{OF}__request__project__lead_village__name",
            _("Desa yang membelanjakan"),
        ),
        Column("Termin", f"{OF}__number", _("Termin yang dibelanjakan")),
        Column(
            "Laporan",
            "account__status",
            _("Keadaan laporannya"),
            tables.label(Account.Status),
        ),
        Column("Tanggal", "paid_on", _("Tanggal bukti")),
        Column("Nomor bukti", "number", _("Nomor kwitansi atau nota")),
        Column("Baris RAB", "line__description", _("Baris RAB yang dibelanjakan")),
        Column("Untuk pembayaran", "purpose", _("Untuk apa dibayar")),
        Column("Jumlah (Rp)", "amount", _("Jumlah yang dibayar, rupiah")),
        Column("Pajak (Rp)", "tax", _("Pajak yang dipungut di dalamnya, rupiah")),
    ),
)


@login_not_required
@require_safe
def receipts(request):
    return RECEIPTS.send(RECEIPTS.rows())
