"""The accounts: one for each post, named by it. All have the example password."""

from contextlib import contextmanager

from django.contrib.auth.hashers import get_hasher

from leksono_portal.home.demo.clock import at, day
from villages.people import actions
from villages.people.models import Post, User
from villages.people.passwords import DEMO_PASSWORD

BEGAN = -760
DISTRICT_STAFF = (
    ("camat", Post.CAMAT, "Camat {}"),
    ("sekcam", Post.DISTRICT_SECRETARY, "Sekretaris Kecamatan {}"),
    ("verifikator", Post.VERIFIER, "Verifikator Kecamatan {}"),
    ("bendahara", Post.DISTRICT_TREASURER, "Bendahara Kecamatan {}"),
    ("pemantau", Post.MONITOR, "Pemantau Kecamatan {}"),
)


def make(district):
    """An operator and a head for each village, the district's staff, a resident."""
    with at(BEGAN), quick_passwords():
        admin = actions.appoint_first_admin(
            district=district,
            username="admin",
            full_name=f"Admin Kecamatan {district.name}",
            password=DEMO_PASSWORD,
        )
        for username, post, name in DISTRICT_STAFF:
            user = _account(admin, username, name.format(district.name))
            _grant(admin, user, post, district=district)
        for village in district.villages.all():
            user = _account(admin, f"operator.{village.slug}", f"Operator {village}")
            _grant(admin, user, Post.OPERATOR, village=village)
            user = _account(admin, *_head(village))
            post = Post.VILLAGE_HEAD if village.is_desa else Post.LURAH
            _grant(admin, user, post, village=village)
        _account(admin, "warga", f"Warga {district.name}")


def accounts():
    """User names, grouped as one would tell them: for villages the pattern."""
    return [
        ("operator.<desa>", "mencatat rapat, proyek, permohonan dana"),
        ("kades.<desa>", "mengajukan permohonan dana desanya"),
        ("lurah.leksono", "kelurahan: rapat dan proyek"),
        ("sekcam", "memanggil dan mencatat rapat kecamatan"),
        ("verifikator", "memeriksa permohonan dana"),
        ("camat", "memutuskan permohonan, menetapkan pagu"),
        ("bendahara", "mengusulkan pagu, mencairkan dana"),
        ("admin", "akun, jabatan, data dasar"),
        ("pemantau", "melihat"),
        ("warga", "akun tanpa jabatan"),
    ]


def person(username):
    return User.objects.get(username=username)


def _head(village):
    if village.is_desa:
        return f"kades.{village.slug}", f"Kepala Desa {village}"
    return f"lurah.{village.slug}", f"Lurah {village}"


def _account(admin, username, full_name):
    return actions.create_account(
        by=admin, username=username, full_name=full_name, password=DEMO_PASSWORD
    )


def _grant(admin, user, post, **place):
    actions.grant_office(by=admin, user=user, post=post, starts_on=day(BEGAN), **place)


@contextmanager
def quick_passwords():
    """Spend little on hiding a password that stands in the README.

    The first sign-in hashes it anew with the full number of rounds.
    """
    hasher = get_hasher()
    rounds = getattr(hasher, "iterations", None)
    hasher.iterations = 1000
    try:
        yield
    finally:
        hasher.iterations = rounds
