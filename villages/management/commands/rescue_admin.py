from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from villages.people import actions


class Command(BaseCommand):
    help = "Melepas aplikasi kode seorang Admin Kecamatan yang kehilangan HP-nya."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        try:
            actions.rescue_admin(username=username)
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Aplikasi kode {username} dilepas.")
