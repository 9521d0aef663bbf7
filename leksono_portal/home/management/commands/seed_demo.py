import os

from django.core.management.base import BaseCommand, CommandError

from leksono_portal.home import demo
from leksono_portal.home.demo.people import accounts
from leksono_portal.kit.demo import is_demo
from villages.people.passwords import DEMO_PASSWORD


class Command(BaseCommand):
    help = (
        "Mengisi portal kosong dengan data contoh; menolak portal yang sudah dipakai."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="diam bila portal sudah berisi, atau bila DEMO=false",
        )

    def handle(self, *, if_empty, **options):
        if if_empty and os.environ.get("DEMO") == "false":
            return
        found = demo.what_is_here()
        if found is None:
            demo.fill()
        elif not if_empty:
            raise CommandError(
                f"Portal ini sudah berisi {found}, jadi data contoh tidak dimasukkan. "
                "Pakailah basis data yang kosong."
            )
        if is_demo(fresh=True):
            self._tell_accounts()

    def _tell_accounts(self):
        self.stdout.write(f"Akun contoh, semua dengan kata sandi {DEMO_PASSWORD}:")
        for username, purpose in accounts():
            self.stdout.write(f"  {username:<17} {purpose}")
        self.stdout.write("  (<desa> ditulis seperti alamat desanya, misalnya besani)")
