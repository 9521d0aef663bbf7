from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from villages.areas import borders


class Command(BaseCommand):
    help = (
        "Memuat batas desa dari berkas GeoJSON (WGS84) untuk peta. Desa dikenali dari "
        "kode Kemendagri; batas yang sudah ada diganti; aman diulang."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="berkas GeoJSON")
        parser.add_argument(
            "--code", default="code", help="kolom berisi kode Kemendagri (code)"
        )
        parser.add_argument(
            "--source", default="", help="asal data, ditulis di bawah peta"
        )

    def handle(self, *, file, code, source, **options):
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Berkas {file} tidak dapat dibaca: {error}") from error
        try:
            found = borders.load(text, code=code, source=source[:200])
        except borders.NotBorders as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Batas {len(found)} desa dan kelurahan dimuat. "
            "Peta menyebutnya indikatif, bukan batas hukum."
        )
