import datetime

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards

# Final meetings are locked, but their items get the number they always had.
NUMBERS = """
ALTER TABLE forum_agendaitem DISABLE TRIGGER forum_agendaitem_locked;
UPDATE forum_agendaitem SET number = position::text;
ALTER TABLE forum_agendaitem ENABLE TRIGGER forum_agendaitem_locked;
"""
# Two levels, within one meeting; what a second meeting is exempt from is not won by
# an UPDATE.
LEVELS = """
CREATE FUNCTION forum_agendaitem_levels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM forum_agendaitem item JOIN forum_agendaitem above
            ON above.id = item.parent_id
        WHERE NEW.id IN (item.id, above.id)
            AND (above.parent_id IS NOT NULL OR above.meeting_id <> item.meeting_id))
    THEN
        RAISE EXCEPTION 'forum_agendaitem: acara hanya dua tingkat dalam satu rapat'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER forum_agendaitem_levels
    AFTER INSERT OR UPDATE OF parent_id ON forum_agendaitem
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION forum_agendaitem_levels();

CREATE FUNCTION forum_meeting_second() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.second_of_id IS DISTINCT FROM OLD.second_of_id THEN
            RAISE EXCEPTION 'forum_meeting: rapat kedua tetap rapat kedua'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.second_of_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM forum_postponement
        WHERE meeting_id = NEW.second_of_id AND kind = 'second') THEN
        RAISE EXCEPTION 'forum_meeting: rapat pertama belum ditunda'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_meeting_second BEFORE INSERT OR UPDATE OF second_of_id
    ON forum_meeting FOR EACH ROW EXECUTE FUNCTION forum_meeting_second();

CREATE TRIGGER forum_postponement_locked BEFORE INSERT ON forum_postponement
    FOR EACH ROW EXECUTE FUNCTION forum_refuse_if_final();
"""
DROP_LEVELS = """
DROP TRIGGER forum_agendaitem_levels ON forum_agendaitem;
DROP FUNCTION forum_agendaitem_levels();
DROP TRIGGER forum_meeting_second ON forum_meeting;
DROP FUNCTION forum_meeting_second();
DROP TRIGGER forum_postponement_locked ON forum_postponement;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0010_voting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Postponement",
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
                        choices=[("delay", "Ditunda"), ("second", "Rapat kedua")],
                        max_length=6,
                    ),
                ),
                ("until", models.DateTimeField()),
                ("present_delegates", models.PositiveIntegerField()),
                ("present_villages", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "penundaan",
                "verbose_name_plural": "penundaan",
                "ordering": ["at"],
            },
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="ended_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="selesai"
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="is_internal",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="acara internal"
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="number",
            field=models.CharField(
                default="", editable=False, max_length=11, verbose_name="nomor"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sub_items",
                to="forum.agendaitem",
                verbose_name="bagian dari acara",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="planned_minutes",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(600),
                ],
                verbose_name="rencana (menit)",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="started_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="mulai"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="logged_from_paper",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                verbose_name="dicatat dari kertas",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="second_of",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="second",
                to="forum.meeting",
                verbose_name="rapat kedua dari",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("planned_minutes", None),
                    models.Q(
                        ("planned_minutes__gte", 1), ("planned_minutes__lte", 600)
                    ),
                    _connector="OR",
                ),
                name="agenda_planned_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None),
                    models.Q(
                        ("ended_at__gte", models.F("started_at")),
                        ("started_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="agenda_ends_after_it_starts",
            ),
        ),
        migrations.AddField(
            model_name="postponement",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="postponement",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postponements",
                to="forum.meeting",
            ),
        ),
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.UniqueConstraint(
                fields=("meeting", "kind"), name="postponed_once_each_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "delay"),
                        (
                            "until__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("at"),
                                "+",
                                models.Value(datetime.timedelta(seconds=10800)),
                            ),
                        ),
                    ),
                    models.Q(
                        ("kind", "second"),
                        (
                            "until__lt",
                            django.db.models.expressions.CombinedExpression(
                                models.F("at"),
                                "+",
                                models.Value(datetime.timedelta(days=4)),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="postponed_not_for_too_long",
            ),
        ),
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("at"))),
                name="postponed_to_later",
            ),
        ),
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        guards.append_only("forum_postponement"),
        migrations.RunSQL(LEVELS, DROP_LEVELS),
    ]
