import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import leksono_portal.kit.money
from leksono_portal.kit import guards

MOVES = [
    ("", "offered"),
    ("offered", "agreed"),
    ("offered", "declined"),
    ("offered", "withdrawn"),
    ("agreed", "withdrawn"),
    ("agreed", "received"),
    ("received", "used"),
]

# What was promised never changes; what came only while it is agreed; what became of it
# only with the move that says so.
FROZEN = """
CREATE FUNCTION projects_pledge_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['version', 'updated_by_id', 'updated_at'];
BEGIN
    IF OLD.status = 'agreed' THEN
        free := free || ARRAY['received', 'received_quantity', 'receipt_count'];
    END IF;
    IF NEW.status <> OLD.status THEN
        free := free || ARRAY['status', 'status_since', 'step'];
    END IF;
    IF NEW.status = 'used' AND OLD.status <> 'used' THEN
        free := free || ARRAY['outcome', 'outcome_report_id', 'outcome_photo_id'];
    END IF;
    IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'janji mitra %: isinya sudah dikunci', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_pledge_frozen BEFORE UPDATE ON projects_pledge
    FOR EACH ROW EXECUTE FUNCTION projects_pledge_frozen();
"""
DROP_FROZEN = """
DROP TRIGGER projects_pledge_frozen ON projects_pledge;
DROP FUNCTION projects_pledge_frozen();
"""

# Something comes only of what is agreed, from that day to this (WIB), in its measure;
# thanks are for what came. The lock lets receipts of one pledge come one by one.
ARRIVALS = """
CREATE FUNCTION projects_pledgereceipt_agreed() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE found_pledge projects_pledge%ROWTYPE; agreed_on date;
BEGIN
    SELECT * INTO found_pledge FROM projects_pledge
        WHERE id = NEW.pledge_id FOR UPDATE;
    SELECT (at AT TIME ZONE 'Asia/Jakarta')::date INTO agreed_on
        FROM projects_pledgemove
        WHERE pledge_id = NEW.pledge_id AND to_status = 'agreed';
    IF found_pledge.status <> 'agreed' THEN
        RAISE EXCEPTION 'janji mitra "%" tidak dapat diterima', found_pledge.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF agreed_on IS NULL OR NEW.received_on < agreed_on
        OR NEW.received_on > (now() AT TIME ZONE 'Asia/Jakarta')::date THEN
        RAISE EXCEPTION 'janji mitra %: tanggal diterima di luar masanya', NEW.pledge_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.amount IS NULL) <> (found_pledge.amount IS NULL)
        OR (NEW.quantity IS NULL) <> (found_pledge.quantity IS NULL) THEN
        RAISE EXCEPTION 'janji mitra %: diterima dengan ukuran lain', NEW.pledge_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_pledgereceipt_agreed BEFORE INSERT ON projects_pledgereceipt
    FOR EACH ROW EXECUTE FUNCTION projects_pledgereceipt_agreed();

CREATE FUNCTION projects_thanksletter_deserved() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
    SELECT status INTO found_status FROM projects_pledge
        WHERE id = NEW.pledge_id FOR SHARE;
    IF found_status NOT IN ('received', 'used') THEN
        RAISE EXCEPTION 'janji mitra "%" belum dapat diberi terima kasih', found_status
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_thanksletter_deserved BEFORE INSERT ON projects_thanksletter
    FOR EACH ROW EXECUTE FUNCTION projects_thanksletter_deserved();
"""
DROP_ARRIVALS = """
DROP TRIGGER projects_pledgereceipt_agreed ON projects_pledgereceipt;
DROP FUNCTION projects_pledgereceipt_agreed();
DROP TRIGGER projects_thanksletter_deserved ON projects_thanksletter;
DROP FUNCTION projects_thanksletter_deserved();
"""

# The totals are those of the receipts; what counts as received came whole, or it is
# said why the rest did not; what is shown of it is of the same project.
TOTALS = """
CREATE FUNCTION projects_pledge_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p projects_pledge%ROWTYPE;
    told record;
BEGIN
    SELECT * INTO p FROM projects_pledge
        WHERE id = CASE TG_TABLE_NAME WHEN 'projects_pledge' THEN NEW.id
            ELSE (to_jsonb(NEW) ->> 'pledge_id')::bigint END FOR SHARE;
    SELECT count(*) AS n, coalesce(max(number), 0) AS last,
            coalesce(min(number), 1) AS first,
            coalesce(sum(amount), 0) AS amount, coalesce(sum(quantity), 0) AS quantity
        INTO told FROM projects_pledgereceipt WHERE pledge_id = p.id;
    IF (p.receipt_count, p.receipt_count, 1, p.received, p.received_quantity)
        IS DISTINCT FROM
        (told.n, told.last, told.first, told.amount, told.quantity) THEN
        RAISE EXCEPTION 'janji mitra %: diterima tidak sama dengan penerimaannya', p.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF p.status IN ('received', 'used') AND (p.receipt_count = 0
        OR (p.received < p.amount OR p.received_quantity < p.quantity)
            AND NOT EXISTS (SELECT FROM projects_pledgemove
                WHERE pledge_id = p.id AND to_status = 'received' AND reason <> ''))
    THEN
        RAISE EXCEPTION 'janji mitra %: belum semua diterima, tanpa alasan', p.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM projects_progressreport
            WHERE id = p.outcome_report_id AND project_id <> p.project_id)
        OR EXISTS (SELECT FROM projects_photo WHERE project_id <> p.project_id
            AND (id = p.outcome_photo_id OR id IN (
                SELECT photo_id FROM projects_pledgereceipt WHERE pledge_id = p.id)))
    THEN
        RAISE EXCEPTION 'janji mitra %: laporan atau foto dari proyek lain', p.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER projects_pledge_totals AFTER INSERT OR UPDATE
    ON projects_pledge DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION projects_pledge_totals();
CREATE CONSTRAINT TRIGGER projects_pledgereceipt_totals AFTER INSERT
    ON projects_pledgereceipt DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION projects_pledge_totals();
"""
DROP_TOTALS = """
DROP TRIGGER projects_pledge_totals ON projects_pledge;
DROP TRIGGER projects_pledgereceipt_totals ON projects_pledgereceipt;
DROP FUNCTION projects_pledge_totals();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0005_notifications"),
        ("projects", "0009_account_guards"),
        ("villages", "0007_partners"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pledge",
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
                            ("funds", "Dana"),
                            ("goods", "Barang"),
                            ("training", "Pelatihan"),
                            ("advice", "Aturan dan pendampingan"),
                        ],
                        max_length=8,
                        verbose_name="bentuk",
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        max_length=300,
                        validators=[django.core.validators.MinLengthValidator(10)],
                        verbose_name="apa yang dijanjikan",
                    ),
                ),
                (
                    "amount",
                    leksono_portal.kit.money.RupiahField(
                        blank=True, null=True, verbose_name="jumlah dana"
                    ),
                ),
                (
                    "estimate",
                    leksono_portal.kit.money.RupiahField(
                        blank=True, null=True, verbose_name="taksiran nilai"
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=12,
                        null=True,
                        verbose_name="banyaknya",
                    ),
                ),
                (
                    "unit",
                    models.CharField(blank=True, max_length=20, verbose_name="satuan"),
                ),
                (
                    "letter_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="nomor surat mitra"
                    ),
                ),
                (
                    "letter_date",
                    models.DateField(
                        blank=True, null=True, verbose_name="tanggal surat mitra"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("offered", "Ditawarkan"),
                            ("agreed", "Disepakati"),
                            ("received", "Diterima"),
                            ("used", "Dimanfaatkan"),
                            ("declined", "Tidak diterima desa"),
                            ("withdrawn", "Ditarik mitra"),
                        ],
                        default="offered",
                        max_length=9,
                        verbose_name="keadaan",
                    ),
                ),
                (
                    "status_since",
                    models.DateTimeField(editable=False, verbose_name="sejak"),
                ),
                ("step", models.PositiveIntegerField(default=1, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "received",
                    leksono_portal.kit.money.RupiahField(
                        default=0, editable=False, verbose_name="dana diterima"
                    ),
                ),
                (
                    "received_quantity",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        editable=False,
                        max_digits=12,
                        verbose_name="banyaknya diterima",
                    ),
                ),
                (
                    "receipt_count",
                    models.PositiveIntegerField(default=0, editable=False),
                ),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[django.core.validators.MinLengthValidator(20)],
                        verbose_name="menjadi apa",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "outcome_photo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.photo",
                        verbose_name="foto",
                    ),
                ),
                (
                    "outcome_report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.progressreport",
                        verbose_name="laporan kemajuan",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pledges",
                        to="villages.partner",
                        verbose_name="mitra",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pledges",
                        to="projects.project",
                        verbose_name="proyek",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "janji mitra",
                "verbose_name_plural": "janji mitra",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PledgeMove",
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
                ("number", models.PositiveIntegerField()),
                ("from_status", models.CharField(blank=True, max_length=9)),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("offered", "Ditawarkan"),
                            ("agreed", "Disepakati"),
                            ("received", "Diterima"),
                            ("used", "Dimanfaatkan"),
                            ("declined", "Tidak diterima desa"),
                            ("withdrawn", "Ditarik mitra"),
                        ],
                        max_length=9,
                    ),
                ),
                ("office", models.CharField(max_length=120, verbose_name="sebagai")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=500, verbose_name="alasan"),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="projects.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat janji mitra",
                "verbose_name_plural": "riwayat janji mitra",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PledgeReceipt",
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
                ("number", models.PositiveIntegerField()),
                ("received_on", models.DateField(verbose_name="tanggal diterima")),
                (
                    "amount",
                    leksono_portal.kit.money.RupiahField(
                        blank=True, null=True, verbose_name="dana yang diterima"
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=12,
                        null=True,
                        verbose_name="banyaknya yang diterima",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        max_length=60, verbose_name="nomor BAST atau kuitansi"
                    ),
                ),
                ("office", models.CharField(max_length=120, verbose_name="sebagai")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.photo",
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="projects.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "penerimaan janji mitra",
                "verbose_name_plural": "penerimaan janji mitra",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ThanksLetter",
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
                ("number", models.CharField(max_length=60, verbose_name="nomor surat")),
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kit.storedpaper",
                    ),
                ),
                (
                    "pledge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="projects.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name": "surat terima kasih",
                "verbose_name_plural": "surat terima kasih",
            },
        ),
        migrations.AddIndex(
            model_name="pledge",
            index=models.Index(
                fields=["partner", "-id"], name="projects_pl_partner_0e1a10_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="pledge",
            index=models.Index(
                condition=models.Q(("status", "offered")),
                fields=["project"],
                name="pledge_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("estimate", None), ("kind", "funds")),
                    models.Q(("amount", None), ("kind__in", ["goods", "training"])),
                    models.Q(("amount", None), ("estimate", None), ("kind", "advice")),
                    _connector="OR",
                ),
                name="pledge_of_funds_has_an_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quantity", None), ("unit", "")),
                    models.Q(
                        ("kind", "goods"),
                        ("quantity__gt", 0),
                        models.Q(("unit", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="pledge_of_goods_is_counted_in_units",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("estimate", None), ("estimate__gt", 0), _connector="OR"
                ),
                name="pledge_estimate_is_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("letter_date", None), ("letter_number", "")),
                    models.Q(
                        models.Q(("letter_number", ""), _negated=True),
                        ("letter_date__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="pledge_letter_has_number_and_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__regex", "^.{10,}")), name="pledge_says_what"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("received", 0)),
                    ("received__lte", models.F("amount")),
                    _connector="OR",
                ),
                name="pledge_received_within_promised",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quantity", None), ("received_quantity", 0)),
                    ("received_quantity__lte", models.F("quantity")),
                    _connector="OR",
                ),
                name="pledge_received_quantity_within_promised",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["agreed", "received", "used"]),
                    models.Q(
                        ("receipt_count", 0), ("received", 0), ("received_quantity", 0)
                    ),
                    _connector="OR",
                ),
                name="pledge_received_only_when_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__regex", "^.{20,}"), ("status", "used")),
                    models.Q(
                        models.Q(("status", "used"), _negated=True),
                        ("outcome", ""),
                        ("outcome_photo", None),
                        ("outcome_report", None),
                    ),
                    _connector="OR",
                ),
                name="pledge_used_iff_told_what_became_of_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgemove",
            constraint=models.UniqueConstraint(
                fields=("pledge", "number"), name="pledge_move_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("to_status__in", ["declined", "withdrawn"]), _negated=True
                    ),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="pledge_declined_or_withdrawn_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgereceipt",
            constraint=models.UniqueConstraint(
                fields=("pledge", "number"), name="pledge_receipt_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgereceipt",
            constraint=models.UniqueConstraint(
                fields=("pledge", "reference"), name="pledge_receipt_reference_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgereceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("amount__gt", 0), _connector="OR"),
                    models.Q(("quantity", None), ("quantity__gt", 0), _connector="OR"),
                ),
                name="pledge_receipt_is_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledgereceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                name="pledge_receipt_has_a_number",
            ),
        ),
        guards.moves("projects_pledge", "status", MOVES),
        guards.recorded(
            "projects_pledge",
            "status",
            "projects_pledgemove",
            "pledge_id",
            "from_status",
            "to_status",
        ),
        guards.no_delete("projects_pledge"),
        guards.append_only("projects_pledgemove"),
        guards.append_only("projects_pledgereceipt"),
        guards.append_only("projects_thanksletter"),
        migrations.RunSQL(FROZEN, DROP_FROZEN),
        migrations.RunSQL(ARRIVALS, DROP_ARRIVALS),
        migrations.RunSQL(TOTALS, DROP_TOTALS),
    ]
