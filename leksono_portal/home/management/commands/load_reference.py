from django.core.management.base import BaseCommand

from projects.sources import reference as sources
from villages.areas import reference as areas


class Command(BaseCommand):
    help = "Mengisi kecamatan, desa, dan sumber dana yang belum ada; aman diulang."

    def handle(self, **options):
        areas.load()
        sources.load()
