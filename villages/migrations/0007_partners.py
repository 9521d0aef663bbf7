import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards

# What is closed stays as it was told; in which district, and by whom, never changes.
FROZEN = """
CREATE TRIGGER villages_partner_frozen BEFORE UPDATE ON villages_partner
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL OR
        (OLD.district_id, OLD.created_by_id, OLD.created_at)
        IS DISTINCT FROM (NEW.district_id, NEW.created_by_id, NEW.created_at))
    EXECUTE FUNCTION
    portal_refuse('villages_partner: yang sudah ditutup dan kecamatannya tetap');
"""
DROP_FROZEN = "DROP TRIGGER villages_partner_frozen ON villages_partner;"


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0002_guards"),
        ("villages", "0006_office_contact"),
    ]

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("government", "Dinas atau instansi pemerintah"),
                            ("ngo", "Lembaga swadaya masyarakat"),
                            ("donor", "Donatur atau yayasan"),
                            ("company", "Perusahaan"),
                            ("university", "Perguruan tinggi"),
                            ("other", "Lainnya"),
                        ],
                        max_length=10,
                        verbose_name="jenis",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nama")),
                (
                    "description",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="keterangan"
                    ),
                ),
                (
                    "offers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("funds", "Dana"),
                                ("goods", "Barang"),
                                ("training", "Pelatihan"),
                                ("advice", "Aturan dan pendampingan"),
                            ],
                            max_length=8,
                        ),
                        size=None,
                        verbose_name="bantuan yang ditawarkan",
                    ),
                ),
                (
                    "contact",
                    models.TextField(max_length=300, verbose_name="kontak kantor"),
                ),
                (
                    "website",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.URLValidator(
                                message="Tulis alamat lengkap yang dimulai dengan https://.",
                                schemes=["https"],
                            )
                        ],
                        verbose_name="situs web",
                    ),
                ),
                (
                    "closed_because",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=300,
                        verbose_name="alasan ditutup",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="ditutup pada"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, verbose_name="ditulis pada"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="diubah pada"),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ditutup oleh",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ditulis oleh",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="villages.district",
                        verbose_name="kecamatan",
                    ),
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
                "verbose_name": "mitra",
                "verbose_name_plural": "mitra",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("district"),
                        django.db.models.functions.text.Lower("name"),
                        name="partner_named_once_in_a_district",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "government",
                                    "ngo",
                                    "donor",
                                    "company",
                                    "university",
                                    "other",
                                ],
                            )
                        ),
                        name="partner_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "offers__contained_by",
                                ["funds", "goods", "training", "advice"],
                            ),
                            ("offers__len__gt", 0),
                        ),
                        name="partner_offers_something_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("contact", ""), _negated=True),
                        ),
                        name="partner_says_who_and_how_to_reach",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("website", ""),
                            ("website__startswith", "https://"),
                            _connector="OR",
                        ),
                        name="partner_website_is_https",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None),
                                ("closed_because", ""),
                                ("closed_by", None),
                            ),
                            models.Q(
                                models.Q(("closed_because", ""), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="partner_closed_is_explained",
                    ),
                ],
            },
        ),
        guards.no_delete("villages_partner"),
        migrations.RunSQL(FROZEN, DROP_FROZEN),
    ]
