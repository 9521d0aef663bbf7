from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("villages", "0003_borders")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_expires_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                null=True,
                verbose_name="kata sandi sekali pakai berlaku sampai",
            ),
        ),
        # A stand-in without an end gets the three months that such a mandate lasts.
        migrations.RunSQL(
            "UPDATE villages_office SET ends_on = greatest(starts_on, current_date) + 90"
            " WHERE standing <> 'full' AND ends_on IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("standing", "full"), ("ends_on__isnull", False), _connector="OR"
                ),
                name="office_of_a_stand_in_ends",
            ),
        ),
    ]
