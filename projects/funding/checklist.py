"""The thirteen points on which a verifier judges a request.

After the list that Kabupaten Bogor uses for bantuan keuangan to villages. A request
is "layak" when every point is.
"""

from django.utils.translation import gettext_lazy as _

from leksono_portal.kit.language import in_indonesian

POINTS = (
    _("Ditandatangani Kepala Desa dan diketahui Camat"),
    _("Lampiran lengkap"),
    _("RAB memakai format baku"),
    _("Volume pekerjaan wajar"),
    _("Harga satuan sesuai harga setempat"),
    _("Lokasi jelas dan tidak sengketa"),
    _("Kegiatan fisik atau pemberdayaan"),
    _("Tidak tumpang tindih dengan program lain"),
    _("Dikerjakan swakelola oleh desa"),
    _("Warga ikut bergotong royong"),
    _("Bermanfaat luas bagi warga"),
    _("Mendukung tujuan pembangunan desa"),
    _("Disarankan untuk didanai"),
)
NOTE_LENGTH = 200
REASON_LENGTH = 4000


@in_indonesian()
def points():
    """POINTS as they are kept with an answer each."""
    return [str(point) for point in POINTS]


@in_indonesian()
def notes_of(checklist):
    """The points that fell short, each with its note: what the village is told."""
    return "\n".join(
        f"{number}. {entry['point']}: {entry['note'] or _('belum terpenuhi')}"
        for number, entry in enumerate(checklist, 1)
        if not entry["ok"]
    )
