from django.db import migrations

from leksono_portal.kit import guards


class Migration(migrations.Migration):
    dependencies = [("villages", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        guards.no_delete("villages_user"),
        guards.no_delete("villages_office"),
        guards.only("villages_office", "ends_on"),
    ]
