from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from leksono_portal.home import demo


class Command(BaseCommand):
    help = "Gagal bila portal sudah berisi; ditanya sebelum cadangan dipulihkan."

    def handle(self, **options):
        try:
            found = demo.what_is_here()
        except ProgrammingError:
            raise CommandError(
                "Tabelnya dari versi lain; jalankan make run sekali, hentikan, "
                "lalu ulangi."
            ) from None
        if found:
            raise CommandError(f"Portal ini sudah berisi {found}.")
