from django.db import migrations

from leksono_portal.kit import guards

# A final meeting is closed: nothing of it is added, changed or taken away, except
# that a follow-up is ticked off. FOR SHARE waits for a finalising under way.
LOCKED = """
CREATE FUNCTION forum_refuse_if_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE final timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.meeting_id <> NEW.meeting_id THEN
        RAISE EXCEPTION '%: tidak boleh pindah rapat', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT finalised_at INTO final FROM forum_meeting
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.meeting_id
                        ELSE NEW.meeting_id END FOR SHARE;
    IF final IS NOT NULL AND NOT (
        TG_TABLE_NAME = 'forum_actionitem' AND TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - TG_ARGV) IS NOT DISTINCT FROM (to_jsonb(OLD) - TG_ARGV)
    ) THEN
        RAISE EXCEPTION '%: rapat sudah final', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION forum_meeting_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finalised_at IS NOT NULL THEN
        RAISE EXCEPTION 'rapat sudah final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_meeting_locked BEFORE UPDATE ON forum_meeting
    FOR EACH ROW EXECUTE FUNCTION forum_meeting_locked();

CREATE FUNCTION forum_meeting_final_has_record() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE meeting bigint;
BEGIN
    IF TG_TABLE_NAME = 'forum_meeting' THEN meeting := NEW.id;
    ELSE meeting := NEW.meeting_id; END IF;
    IF (SELECT finalised_at IS NOT NULL FROM forum_meeting WHERE id = meeting)
        <> EXISTS (SELECT FROM forum_officialrecord WHERE meeting_id = meeting) THEN
        RAISE EXCEPTION 'rapat final dan berita acara harus lahir bersama'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER forum_meeting_final_has_record
    AFTER INSERT OR UPDATE OF finalised_at ON forum_meeting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION forum_meeting_final_has_record();
CREATE CONSTRAINT TRIGGER forum_officialrecord_of_final
    AFTER INSERT ON forum_officialrecord DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION forum_meeting_final_has_record();

CREATE FUNCTION forum_recordcounter_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.last <> 0)
        OR (TG_OP = 'UPDATE' AND (NEW.last <> OLD.last + 1
            OR NEW.body_id <> OLD.body_id OR NEW.year <> OLD.year)) THEN
        RAISE EXCEPTION 'nomor berita acara hanya naik satu demi satu'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_recordcounter_counts BEFORE INSERT OR UPDATE
    ON forum_recordcounter FOR EACH ROW
    EXECUTE FUNCTION forum_recordcounter_counts();
"""
DROP_LOCKED = """
DROP TRIGGER forum_meeting_locked ON forum_meeting;
DROP FUNCTION forum_meeting_locked();
DROP TRIGGER forum_meeting_final_has_record ON forum_meeting;
DROP TRIGGER forum_officialrecord_of_final ON forum_officialrecord;
DROP FUNCTION forum_meeting_final_has_record();
DROP TRIGGER forum_recordcounter_counts ON forum_recordcounter;
DROP FUNCTION forum_recordcounter_counts();
DROP FUNCTION forum_refuse_if_final();
"""
TICKED = "'done_on', 'done_by_id', 'version', 'updated_by_id', 'updated_at'"


def locked_when_final(table):
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_locked BEFORE INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION forum_refuse_if_final({TICKED});
        """,
        f"DROP TRIGGER {table}_locked ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("forum", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(LOCKED, DROP_LOCKED),
        guards.no_delete("forum_meeting"),
        guards.no_delete("forum_recordcounter"),
        guards.append_only("forum_officialrecord"),
        guards.append_only("forum_decisionlink"),
        *[
            operation
            for table in (
                "forum_agendaitem",
                "forum_participant",
                "forum_decision",
                "forum_actionitem",
            )
            for operation in (locked_when_final(table), guards.no_truncate(table))
        ],
    ]
