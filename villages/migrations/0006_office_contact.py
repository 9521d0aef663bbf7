import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("villages", "0005_exchange"),
        ("kit", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "village",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="villages.village",
                        verbose_name="desa/kelurahan",
                    ),
                ),
                (
                    "address",
                    models.TextField(
                        blank=True, max_length=300, verbose_name="alamat kantor"
                    ),
                ),
                (
                    "hours",
                    models.TextField(
                        blank=True, max_length=200, verbose_name="jam buka"
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=13,
                        validators=[
                            django.core.validators.RegexValidator("^0[1-9]\\d{6,11}$")
                        ],
                        verbose_name="telepon kantor",
                    ),
                ),
                (
                    "whatsapp",
                    models.CharField(
                        blank=True,
                        max_length=13,
                        validators=[
                            django.core.validators.RegexValidator("^0[1-9]\\d{6,11}$")
                        ],
                        verbose_name="WhatsApp kantor",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, max_length=120, verbose_name="surel kantor"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="diubah pada"),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="diubah oleh",
                    ),
                ),
            ],
            options={
                "verbose_name": "kontak kantor desa",
                "verbose_name_plural": "kontak kantor desa",
                "ordering": ["village"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phone", ""),
                            ("phone__regex", "^0[1-9]\\d{6,11}$"),
                            _connector="OR",
                        ),
                        name="contact_phone_is_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("whatsapp", ""),
                            ("whatsapp__regex", "^0[1-9]\\d{6,11}$"),
                            _connector="OR",
                        ),
                        name="contact_whatsapp_is_a_number",
                    ),
                ],
            },
        ),
        guards.no_delete("villages_contact"),
    ]
