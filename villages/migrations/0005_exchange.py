import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards

# What is closed stays as it was told; whose it is, and of which kind, never changes.
FROZEN = """
CREATE TRIGGER villages_resource_frozen BEFORE UPDATE ON villages_resource
    FOR EACH ROW WHEN (OLD.status <> 'open' OR
        (OLD.village_id, OLD.kind, OLD.created_by_id, OLD.created_at)
        IS DISTINCT FROM (NEW.village_id, NEW.kind, NEW.created_by_id, NEW.created_at))
    EXECUTE FUNCTION
    portal_refuse('villages_resource: yang sudah ditutup, desa, dan jenisnya tetap');
"""
DROP_FROZEN = "DROP TRIGGER villages_resource_frozen ON villages_resource;"


class Migration(migrations.Migration):
    dependencies = [
        ("villages", "0004_one_time_password"),
        ("kit", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Resource",
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
                        choices=[("offer", "Kami punya"), ("need", "Kami butuh")],
                        max_length=5,
                        verbose_name="punya atau butuh",
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("teacher", "Tenaga pengajar"),
                            ("expertise", "Keahlian"),
                            ("labour", "Tenaga kerja"),
                            ("equipment", "Alat"),
                            ("land", "Lahan"),
                            ("material", "Material"),
                            ("water", "Air"),
                            ("training", "Pelatihan"),
                            ("other", "Lainnya"),
                        ],
                        max_length=10,
                        verbose_name="jenis",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="nama")),
                (
                    "description",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="keterangan"
                    ),
                ),
                (
                    "how_many",
                    models.CharField(blank=True, max_length=60, verbose_name="jumlah"),
                ),
                (
                    "place",
                    models.CharField(blank=True, max_length=160, verbose_name="tempat"),
                ),
                (
                    "available_from",
                    models.DateField(
                        blank=True, null=True, verbose_name="mulai tanggal"
                    ),
                ),
                (
                    "available_until",
                    models.DateField(
                        blank=True, null=True, verbose_name="sampai tanggal"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Terbuka"),
                            ("agreed", "Sudah terpenuhi"),
                            ("withdrawn", "Tidak jadi"),
                        ],
                        default="open",
                        editable=False,
                        max_length=9,
                        verbose_name="keadaan",
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
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="diubah oleh",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources",
                        to="villages.village",
                        verbose_name="desa/kelurahan",
                    ),
                ),
            ],
            options={
                "verbose_name": "sumber daya",
                "verbose_name_plural": "sumber daya",
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(
                        fields=["-created_at", "-id"],
                        name="villages_re_created_1fdc39_idx",
                    ),
                    models.Index(
                        fields=["village", "kind", "-created_at"],
                        name="villages_re_village_5800fc_idx",
                    ),
                    models.Index(
                        fields=["what", "kind", "-created_at"],
                        name="villages_re_what_e1298d_idx",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["offer", "need"])),
                        name="resource_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("what", ""), _negated=True),
                        ),
                        name="resource_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("available_from", None),
                            ("available_until", None),
                            ("available_until__gte", models.F("available_from")),
                            _connector="OR",
                        ),
                        name="resource_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None),
                                ("closed_because", ""),
                                ("closed_by", None),
                                ("status", "open"),
                            ),
                            models.Q(
                                models.Q(("closed_because", ""), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("status__in", ["agreed", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="resource_closed_is_explained",
                    ),
                ],
            },
        ),
        guards.no_delete("villages_resource"),
        guards.moves(
            "villages_resource",
            "status",
            [("", "open"), ("open", "agreed"), ("open", "withdrawn")],
        ),
        migrations.RunSQL(FROZEN, DROP_FROZEN),
    ]
