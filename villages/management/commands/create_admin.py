import sys
from getpass import getpass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from villages.models import District
from villages.people import actions


class Command(BaseCommand):
    help = "Membuat admin pertama sebuah kecamatan; kata sandinya ditanyakan."

    def add_arguments(self, parser):
        parser.add_argument("username", help="nama pengguna, misalnya admin.leksono")
        parser.add_argument("--district", required=True, help="kode, misalnya 33.07.05")
        parser.add_argument("--name", help="nama lengkap; bila kosong, nama jabatan")

    def handle(self, *, username, district, name, **options):
        place = District.objects.filter(code=district).first()
        if place is None:
            raise CommandError(
                f"Kecamatan {district} belum ada. Jalankan dulu load_reference."
            )
        try:
            actions.appoint_first_admin(
                district=place,
                username=username,
                full_name=name or f"Admin {place}",
                password=_ask_password(),
            )
        except (PermissionDenied, ValidationError) as error:
            raise CommandError(
                " ".join(getattr(error, "messages", [str(error)]))
            ) from error
        self.stdout.write(f"Akun {username} dibuat sebagai Admin {place}.")


def _ask_password():
    if sys.stdin.isatty():
        return getpass("Kata sandi: ")
    return sys.stdin.readline().rstrip("\n")
