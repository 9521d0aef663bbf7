from django.db import migrations

from leksono_portal.kit import guards


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]

    operations = [
        guards.refuse_function(),
        guards.append_only("kit_auditevent"),
        guards.set_once("kit_storedpaper", "pdf", "pdf_sha256", "rendered_at"),
    ]
