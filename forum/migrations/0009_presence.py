import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leksono_portal.kit import guards

# The lists there are keep the numbers they were printed with, those of final meetings
# too; nothing else of those is touched.
NUMBER = """
ALTER TABLE forum_participant DISABLE TRIGGER forum_participant_locked;
ALTER TABLE forum_meeting DISABLE TRIGGER forum_meeting_locked;
UPDATE forum_participant SET "row" = n FROM (
    SELECT p.id, row_number() OVER (
        PARTITION BY p.meeting_id ORDER BY v.name NULLS LAST, p.id) AS n
    FROM forum_participant p LEFT JOIN villages_village v ON v.id = p.village_id
) numbered WHERE numbered.id = forum_participant.id;
UPDATE forum_meeting SET rows_given = n FROM (
    SELECT meeting_id, count(*) AS n FROM forum_participant GROUP BY meeting_id
) counted WHERE counted.meeting_id = forum_meeting.id;
ALTER TABLE forum_participant ENABLE TRIGGER forum_participant_locked;
ALTER TABLE forum_meeting ENABLE TRIGGER forum_meeting_locked;
"""
# A participant gets the next number of the meeting, or one of its old ones back, and
# keeps it. The counter only goes on, so that no number is given twice.
ROWS = """
CREATE FUNCTION forum_participant_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW."row" <> OLD."row" THEN
            RAISE EXCEPTION 'nomor peserta tidak berubah'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW."row" = 0 THEN
        UPDATE forum_meeting SET rows_given = rows_given + 1
            WHERE id = NEW.meeting_id RETURNING rows_given INTO NEW."row";
    ELSIF NEW."row" > (SELECT rows_given FROM forum_meeting WHERE id = NEW.meeting_id)
    THEN
        RAISE EXCEPTION 'nomor peserta diberikan urut'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_participant_row BEFORE INSERT OR UPDATE OF "row"
    ON forum_participant FOR EACH ROW EXECUTE FUNCTION forum_participant_row();

CREATE FUNCTION forum_meeting_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rows_given NOT IN (OLD.rows_given, OLD.rows_given + 1) THEN
        RAISE EXCEPTION 'nomor peserta hanya naik satu demi satu'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_meeting_rows BEFORE UPDATE ON forum_meeting
    FOR EACH ROW EXECUTE FUNCTION forum_meeting_rows();
"""
DROP_ROWS = """
DROP TRIGGER forum_participant_row ON forum_participant;
DROP FUNCTION forum_participant_row();
DROP TRIGGER forum_meeting_rows ON forum_meeting;
DROP FUNCTION forum_meeting_rows();
"""


def closed_when_final(table):
    return [
        migrations.RunSQL(
            f"""
            CREATE TRIGGER {table}_locked BEFORE INSERT ON {table}
                FOR EACH ROW EXECUTE FUNCTION forum_refuse_if_final();
            """,
            f"DROP TRIGGER {table}_locked ON {table};",
        ),
        guards.append_only(table),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0008_amendments"),
        ("kit", "0005_notifications"),
        ("villages", "0006_office_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckIn",
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
                ("participant_key", models.UUIDField(editable=False)),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="pukul")),
            ],
            options={
                "verbose_name": "tanda hadir",
                "verbose_name_plural": "tanda hadir",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ProxyLetter",
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
                ("participant_key", models.UUIDField(editable=False)),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "surat kuasa",
                "verbose_name_plural": "surat kuasa",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="rows_given",
            field=models.PositiveSmallIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="participant",
            name="proxy_for",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=120,
                verbose_name="datang mewakili",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="row",
            field=models.PositiveSmallIntegerField(
                db_default=0, editable=False, verbose_name="nomor"
            ),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL(ROWS, DROP_ROWS),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("meeting", "row"), name="participant_row_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proxy_for", ""), ("village__isnull", False), _connector="OR"
                ),
                name="participant_stands_in_for_one_of_a_village",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proxy_for", ""),
                    models.Q(("proxy_for", models.F("name")), _negated=True),
                    _connector="OR",
                ),
                name="participant_stands_in_for_another",
            ),
        ),
        migrations.AddField(
            model_name="checkin",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="check_ins",
                to="forum.meeting",
            ),
        ),
        migrations.AddField(
            model_name="checkin",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="akun",
            ),
        ),
        migrations.AddField(
            model_name="proxyletter",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="proxyletter",
            name="file",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kit.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="proxyletter",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proxy_letters",
                to="forum.meeting",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                fields=("meeting", "user"), name="check_in_once_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                fields=("meeting", "participant_key"),
                name="check_in_once_a_participant",
            ),
        ),
        migrations.AddConstraint(
            model_name="proxyletter",
            constraint=models.UniqueConstraint(
                fields=("meeting", "participant_key", "sha256"),
                name="proxy_letter_once_a_participant",
            ),
        ),
        *closed_when_final("forum_checkin"),
        *closed_when_final("forum_proxyletter"),
    ]
