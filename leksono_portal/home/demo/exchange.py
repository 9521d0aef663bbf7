"""What villages have and need, and how their offices are reached."""

from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.people import person
from villages.areas.models import Village
from villages.contacts import actions as contacts
from villages.exchange import actions
from villages.exchange.models import Resource

OFFER, NEED = Resource.Kind.OFFER, Resource.Kind.NEED
What = Resource.What
HOURS = "Senin–Kamis 08.00–15.00\nJumat 08.00–11.00"
# Told how many days ago, village, kind, what, title, description, how many, place,
# first and last day counted from today (None: any).
TOLD = (
    (-64, "besani", OFFER, What.EQUIPMENT, "Molen beton 350 liter",
     "Mesin diesel, terawat. Peminjam menanggung solar dan mengembalikannya bersih.",
     "1 unit", "Gudang balai desa", None, None),
    (-58, "timbang", NEED, What.TEACHER, "Guru matematika untuk kelas 4–6",
     "Dua kali sepekan, sore hari. Desa menyediakan kelas dan uang transpor.",
     "2 orang", "SD di Timbang", None, 150),
    (-51, "kalimendong", OFFER, What.WATER, "Air dari mata air Kalimendong",
     "Kelebihan debit pada musim hujan; pembagiannya dimusyawarahkan.",
     "2 liter per detik", "Bak penangkap atas", None, None),
    (-40, "sawangan", OFFER, What.MATERIAL, "Bibit kopi dan suren",
     "Tinggi 30–40 cm, siap tanam. Diutamakan untuk lereng yang rawan longsor.",
     "1.500 batang", "Kebun bibit desa", None, 60),
    (-33, "selokromo", NEED, What.MATERIAL, "Bibit pohon berakar dalam",
     "Untuk lereng di atas permukiman, sebelum puncak musim hujan.",
     "4.000 batang", "Lereng Selokromo", None, 75),
    (-27, "jonggolsari", OFFER, What.LABOUR, "Tukang batu dan pembantu tukang",
     "Biasa mengerjakan talud dan saluran. Upah menurut harga satuan kabupaten.",
     "10 orang", "", None, None),
    (-21, "sojokerto", OFFER, What.LAND, "Tanah kas desa untuk kebun contoh",
     "Dipinjamkan satu musim tanam, dekat jalan dan saluran air.",
     "1.200 m²", "Tepi jalan raya Sojokerto", 20, 200),
    (-15, "durensawit", NEED, What.EQUIPMENT, "Molen dan stamper",
     "Untuk mengecor jalan usaha tani, kira-kira dua pekan.",
     "1 set", "Dusun atas", 10, 40),
    (-11, "manggis", NEED, What.TRAINING, "Pelatihan mengolah salak",
     "Kelompok wanita tani ingin membuat keripik dan manisan yang tahan lama.",
     "25 orang", "Balai Desa Manggis", None, None),
    (-8, "lipursari", OFFER, What.EXPERTISE, "Pendamping laporan keuangan BUM Desa",
     "Pernah membukukan usaha air bersih selama tiga tahun.",
     "1 orang", "", None, None),
    (-4, "leksono", OFFER, What.OTHER, "Aula dan proyektor",
     "Untuk rapat atau pelatihan antardesa, di luar jam pelayanan.",
     "80 kursi", "Kantor Kelurahan Leksono", None, None),
    (-2, "besani", NEED, What.TRAINING, "Pelatihan merawat pompa air",
     "Untuk petugas tiga desa di jalur pipa bersama.",
     "6 orang", "Balai Desa Besani", None, 90),
)  # fmt: skip


def make():
    """Offices with their contact, offers and needs, and one need that was met."""
    for village in Village.objects.all():
        with at(-90):
            _write_contact(village)
    for told in TOLD:
        _publish(*told)
    with at(-45):
        lent = actions.publish(
            by=person("operator.manggis"),
            village=Village.objects.get(slug="manggis"),
            kind=NEED,
            what=What.EQUIPMENT,
            title="Tenda dan kursi untuk musyawarah desa",
            how_many="100 kursi",
        )
    with at(-36):
        actions.close(
            lent,
            by=person("kades.manggis"),
            status=Resource.Status.AGREED,
            reason="Dipinjami Desa Wonokerto, sudah dikembalikan lengkap.",
        )


def _write_contact(village):
    """No telephone: any number that looks real may be someone's."""
    contacts.save_contact(
        village,
        by=person(f"operator.{village.slug}"),
        address=f"Balai {village.full_name}, Kecamatan {village.district.name}",
        hours=HOURS,
        email=f"{village.slug}@example.id",
    )


def _publish(ago, slug, kind, what, title, description, how_many, place, first, last):
    with at(ago):
        return actions.publish(
            by=person(f"operator.{slug}"),
            village=Village.objects.get(slug=slug),
            kind=kind,
            what=what,
            title=title,
            description=description,
            how_many=how_many,
            place=place,
            available_from=None if first is None else day(first),
            available_until=None if last is None else day(last),
        )
