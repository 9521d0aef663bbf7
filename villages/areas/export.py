"""Villages as open data."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from villages.areas.models import Village

VILLAGES = Table(
    name="desa",
    title=_("Desa dan kelurahan"),
    about=_("Kode, nama, dan angka tiap desa."),
    address="villages:villages-csv",
    rows=Village.objects.all,
    columns=(
        Column("Kode desa", "code", _("Kode Kemendagri, tetap")),
        Column("Nama", "name", _("Nama desa atau kelurahan")),
        Column("Jenis", "kind", _("Desa atau kelurahan"), tables.label(Village.Kind)),
        Column(
            "Halaman", "slug", _("Alamat halamannya"), tables.page("villages:village")
        ),
        Column("Kecamatan", "district__name", _("Kecamatan")),
        Column("Kabupaten", "district__regency", _("Kabupaten atau kota")),
        Column("Provinsi", "district__province", _("Provinsi")),
        Column("Kode pos", "postal_code", _("Kode pos")),
        Column("Penduduk", "population", _("Jiwa; kosong bila tidak ada sumbernya")),
        Column("Tahun penduduk", "population_year", _("Tahun angka penduduk")),
        Column("Sumber penduduk", "population_source", _("Sumber angka penduduk")),
        Column(
            "Luas (km²)", "area_km2", _("Dihitung dari batas indikatif, bukan resmi")
        ),
        Column("Alamat kantor", "contact__address", _("Alamat kantor desa")),
        Column("Telepon kantor", "contact__phone", _("Nomor kantor, bukan orang")),
        Column("WhatsApp kantor", "contact__whatsapp", _("Nomor kantor, bukan orang")),
        Column("Surel kantor", "contact__email", _("Surel kantor")),
        Column("Jam buka", "contact__hours", _("Jam buka kantor")),
        Column("Lintang", "latitude", _("Derajat, WGS 84")),
        Column("Bujur", "longitude", _("Derajat, WGS 84")),
    ),
)


@login_not_required
@require_safe
def villages(request):
    return VILLAGES.send(VILLAGES.rows())
