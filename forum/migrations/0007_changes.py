import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards

# Numbers count up by one; into the log of a final meeting only what was refused goes.
# FOR SHARE waits for a finalising under way.
NEXT = """
CREATE FUNCTION forum_change_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE final timestamptz;
BEGIN
    SELECT finalised_at INTO final FROM forum_meeting
        WHERE id = NEW.meeting_id FOR SHARE;
    IF final IS NOT NULL AND NEW.outcome <> 'refused' THEN
        RAISE EXCEPTION 'forum_change: rapat sudah final'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.number <> 1 + coalesce(
        (SELECT max(number) FROM forum_change WHERE meeting_id = NEW.meeting_id), 0)
    THEN
        RAISE EXCEPTION 'forum_change: nomor hanya naik satu demi satu'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_change_next BEFORE INSERT ON forum_change
    FOR EACH ROW EXECUTE FUNCTION forum_change_next();
ALTER TABLE forum_change ADD CONSTRAINT change_is_not_too_large CHECK (
    octet_length(value::text) <= 300000 AND octet_length(result::text) <= 300000
    AND octet_length(before::text) <= 300000);
"""
DROP_NEXT = """
ALTER TABLE forum_change DROP CONSTRAINT change_is_not_too_large;
DROP TRIGGER forum_change_next ON forum_change;
DROP FUNCTION forum_change_next();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0006_followup"),
        ("villages", "0006_office_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("device", models.UUIDField()),
                ("seq", models.PositiveBigIntegerField()),
                ("cell", models.CharField(max_length=80)),
                ("value", models.JSONField(null=True)),
                ("base", models.PositiveIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "Tersimpan"),
                            ("same", "Sama dengan yang tersimpan"),
                            ("merged", "Digabung"),
                            ("superseded", "Sudah ada yang lebih baru"),
                            ("conflict", "Bertentangan"),
                            ("refused", "Ditolak"),
                        ],
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("row_version", models.PositiveIntegerField(null=True)),
                ("before", models.JSONField(null=True)),
                ("result", models.JSONField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("typed_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "perubahan",
                "verbose_name_plural": "perubahan",
                "ordering": ["number"],
            },
        ),
        migrations.AddField(
            model_name="actionitem",
            name="key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="actionitem",
            constraint=models.UniqueConstraint(
                fields=("meeting", "key"), name="action_item_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                fields=("meeting", "key"), name="agenda_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("meeting", "key"), name="decision_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("meeting", "key"), name="participant_key_once"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="forum.meeting",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="resolves",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="forum.change",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                fields=["meeting", "cell", "device", "-seq"],
                name="forum_chang_meeting_6168d1_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("outcome", "conflict")),
                fields=["meeting", "cell"],
                name="change_conflicts",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                fields=("meeting", "number"), name="change_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome__in", ["applied", "merged"])),
                fields=("meeting", "cell", "version"),
                name="change_makes_a_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "applied",
                            "same",
                            "merged",
                            "superseded",
                            "conflict",
                            "refused",
                        ],
                    )
                ),
                name="change_has_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", "refused"), ("reason", ""), _connector="XOR"
                ),
                name="change_refused_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", "merged"), ("result__isnull", True), _connector="XOR"
                ),
                name="change_merged_has_a_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["applied", "merged"]),
                    ("row_version", None),
                    _connector="XOR",
                ),
                name="change_written_into_a_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outcome__in", ["applied", "merged"]), ("version__gte", 1)
                    ),
                    models.Q(("outcome__in", ["applied", "merged"]), _negated=True),
                    _connector="OR",
                ),
                name="change_written_has_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolves", None),
                    models.Q(("resolves", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="change_resolves_another",
            ),
        ),
        guards.append_only("forum_change"),
        migrations.RunSQL(NEXT, DROP_NEXT),
    ]
