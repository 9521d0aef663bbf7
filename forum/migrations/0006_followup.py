import django.db.models.deletion
from django.db import migrations, models

# What an item continues was put off by a final meeting of the same body; that neither
# changes afterwards, forum_refuse_if_final sees to.
CARRIED = """
CREATE FUNCTION forum_agendaitem_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.carried_from_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM forum_agendaitem item
            JOIN forum_meeting earlier ON earlier.id = item.meeting_id
            JOIN forum_meeting later ON later.id = NEW.meeting_id
        WHERE item.id = NEW.carried_from_id AND item.is_deferred
            AND earlier.finalised_at IS NOT NULL AND earlier.body_id = later.body_id
    ) THEN
        RAISE EXCEPTION 'forum_agendaitem: bukan acara yang ditunda rapat lembaga ini'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_agendaitem_carried
    BEFORE INSERT OR UPDATE OF carried_from_id ON forum_agendaitem
    FOR EACH ROW EXECUTE FUNCTION forum_agendaitem_carried();
"""
DROP_CARRIED = """
DROP TRIGGER forum_agendaitem_carried ON forum_agendaitem;
DROP FUNCTION forum_agendaitem_carried();
"""


class Migration(migrations.Migration):
    dependencies = [("forum", "0005_open")]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="carried_from",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_to",
                to="forum.agendaitem",
                verbose_name="lanjutan dari",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="is_deferred",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                verbose_name="ditunda ke rapat berikutnya",
            ),
        ),
        migrations.RunSQL(CARRIED, DROP_CARRIED),
    ]
