import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0002_guards"), ("kit", "0003_paper_code")]

    operations = [
        migrations.AddField(
            "officialrecord",
            "attendance_paper",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kit.storedpaper",
            ),
        ),
    ]
