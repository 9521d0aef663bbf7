"""Partners of the villages, as open data."""

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leksono_portal.kit import tables
from leksono_portal.kit.tables import Column, Table
from villages.partners.filters import PartnerFilter
from villages.partners.models import Partner

PARTNERS = Table(
    name="mitra",
    title=_("Mitra"),
    about=_("Siapa yang membantu desa-desa, dan dengan apa; juga yang sudah ditutup."),
    address="villages:partners-csv",
    rows=lambda: Partner.objects.visible_to(tables.STRANGER),
    columns=(
        Column("Nomor", "pk", _("Nomor tetapnya di portal ini")),
        Column(
            "Halaman", "pk", _("Alamat halamannya"), tables.page("villages:partner")
        ),
        Column("Nama", "name", _("Nama lembaga")),
        Column("Jenis", "kind", _("Lembaga macam apa"), tables.label(Partner.Kind)),
        Column(
            "Bantuan",
            "offers",
            _("Yang ditawarkan: dana, barang, pelatihan, aturan dan pendampingan"),
            lambda offers: [str(Partner.Offer(offer).label) for offer in offers],
        ),
        Column("Kecamatan", "district__name", _("Kecamatan yang mencatatnya")),
        Column("Keterangan", "description", _("Apa yang dikerjakannya")),
        Column("Kontak kantor", "contact", _("Alamat kantor atau surel lembaga")),
        Column("Situs web", "website", _("Kosong bila tidak ada")),
        Column("Alasan ditutup", "closed_because", _("Kosong selama terbuka")),
        Column("Ditulis", "created_at", _("Waktu ditulis, WIB")),
        Column("Ditutup", "closed_at", _("Waktu ditutup, WIB")),
    ),
)


@login_not_required
@require_safe
def partners(request):
    found = PartnerFilter(request.GET, queryset=PARTNERS.rows())
    tables.check(found)
    return PARTNERS.send(found.qs)
