from django.db import migrations

from leksono_portal.kit import guards

# What had happened by the time this was written; the models hold today's tables.
STAGE_MOVES = [
    ("", "agreed"),
    ("agreed", "funded"),
    ("agreed", "running"),
    ("funded", "running"),
    ("running", "completed"),
    ("agreed", "cancelled"),
    ("funded", "cancelled"),
    ("running", "cancelled"),
]
STATUS_MOVES = [
    ("", "draft"),
    ("draft", "submitted"),
    ("returned", "submitted"),
    ("submitted", "verified"),
    ("submitted", "returned"),
    ("verified", "returned"),
    ("verified", "approved"),
    ("submitted", "rejected"),
    ("verified", "rejected"),
    ("draft", "withdrawn"),
    ("submitted", "withdrawn"),
    ("returned", "withdrawn"),
    ("approved", "running"),
]

# The plan stands once the work has begun, and work is reported only while it runs.
# FOR SHARE waits for a change of stage that is under way.
PROJECT_STAGE = """
CREATE FUNCTION projects_workitem_plan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_stage text;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.project_id <> NEW.project_id THEN
        RAISE EXCEPTION 'pekerjaan tidak boleh pindah proyek'
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT stage INTO found_stage FROM projects_project
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.project_id
                        ELSE NEW.project_id END FOR SHARE;
    IF found_stage NOT IN ('agreed', 'funded') THEN
        RAISE EXCEPTION 'rencana sudah dikunci, proyek "%"', found_stage
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER projects_workitem_plan BEFORE INSERT OR UPDATE OR DELETE
    ON projects_workitem FOR EACH ROW EXECUTE FUNCTION projects_workitem_plan();

CREATE FUNCTION projects_progressreport_running() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE found_stage text;
BEGIN
    SELECT stage INTO found_stage FROM projects_project
        WHERE id = NEW.project_id FOR SHARE;
    IF found_stage <> 'running' THEN
        RAISE EXCEPTION 'proyek "%" tidak dapat dilaporkan', found_stage
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_progressreport_running BEFORE INSERT
    ON projects_progressreport FOR EACH ROW
    EXECUTE FUNCTION projects_progressreport_running();
"""
DROP_PROJECT_STAGE = """
DROP TRIGGER projects_workitem_plan ON projects_workitem;
DROP FUNCTION projects_workitem_plan();
DROP TRIGGER projects_progressreport_running ON projects_progressreport;
DROP FUNCTION projects_progressreport_running();
"""

# The RAB belongs to the village while it is a draft or came back; at verification
# only the camat's columns may be filled; else it is frozen.
LINES = """
CREATE FUNCTION projects_budgetline_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
    -- amount is generated, so it has no value yet in NEW; it follows from the others
    free text[] := ARRAY['approved', 'cut_reason', 'amount'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.request_id <> NEW.request_id THEN
        RAISE EXCEPTION 'baris RAB tidak boleh pindah permohonan'
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT status INTO found_status FROM projects_fundingrequest
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.request_id
                        ELSE NEW.request_id END FOR SHARE;
    IF found_status IN ('draft', 'returned') THEN
        IF TG_OP <> 'DELETE' AND NEW.approved IS NOT NULL THEN
            RAISE EXCEPTION 'permohonan belum diverifikasi'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND found_status = 'verified'
        AND (to_jsonb(NEW) - free) IS NOT DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'RAB sudah dikunci, permohonan "%"', found_status
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER projects_budgetline_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON projects_budgetline FOR EACH ROW
    EXECUTE FUNCTION projects_budgetline_frozen();
"""
DROP_LINES = """
DROP TRIGGER projects_budgetline_frozen ON projects_budgetline;
DROP FUNCTION projects_budgetline_frozen();
"""

# Who wrote a request and for what never changes; its words only while it is the
# village's; each other column only with the move it belongs to.
REQUEST = """
CREATE FUNCTION projects_fundingrequest_frozen() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['version', 'updated_by_id', 'updated_at'];
BEGIN
    IF OLD.status IN ('draft', 'returned') THEN
        free := free || ARRAY['title', 'year', 'background', 'requested'];
    END IF;
    IF NEW.status <> OLD.status THEN
        free := free || ARRAY['status', 'status_since', 'step'] || CASE NEW.status
            WHEN 'submitted' THEN
                ARRAY['submitted_by_id', 'letter_number', 'revision']
            WHEN 'verified' THEN ARRAY['verified_by_id']
            WHEN 'returned' THEN ARRAY['verified_by_id']
            WHEN 'approved' THEN
                ARRAY['decided_by_id', 'approved', 'decision_letter']
            WHEN 'rejected' THEN ARRAY['decided_by_id']
            WHEN 'running' THEN ARRAY['paid_by_id', 'released']
            ELSE ARRAY[]::text[] END;
    END IF;
    IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'permohonan %: isinya sudah dikunci', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_fundingrequest_frozen BEFORE UPDATE
    ON projects_fundingrequest FOR EACH ROW
    EXECUTE FUNCTION projects_fundingrequest_frozen();
"""
DROP_REQUEST = """
DROP TRIGGER projects_fundingrequest_frozen ON projects_fundingrequest;
DROP FUNCTION projects_fundingrequest_frozen();
"""

# Every total equals the rows it is the sum of, whenever a transaction commits.
TOTALS = """
CREATE FUNCTION projects_check_request(request bigint) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE r projects_fundingrequest%ROWTYPE;
BEGIN
    SELECT * INTO r FROM projects_fundingrequest WHERE id = request FOR SHARE;
    IF r.status IN ('submitted', 'verified', 'approved', 'running', 'rejected')
        AND (r.requested = 0 OR r.requested <> (
            SELECT coalesce(sum(amount), 0) FROM projects_budgetline
            WHERE request_id = r.id AND allotment_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'permohonan %: diminta tidak sama dengan RAB', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.status IN ('submitted', 'verified', 'approved', 'running')
        AND NOT EXISTS (SELECT FROM projects_revision
            WHERE request_id = r.id AND number = r.revision) THEN
        RAISE EXCEPTION 'permohonan %: revisi % tidak tersimpan', r.id, r.revision
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.status IN ('submitted', 'verified', 'approved', 'rejected', 'running')
        AND NOT EXISTS (SELECT FROM projects_transition
            WHERE request_id = r.id AND number = r.step
                AND by_id = CASE r.status
                    WHEN 'submitted' THEN r.submitted_by_id
                    WHEN 'verified' THEN r.verified_by_id
                    WHEN 'running' THEN r.paid_by_id
                    ELSE r.decided_by_id END) THEN
        RAISE EXCEPTION 'permohonan %: pelaku tidak sama dengan riwayat', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM projects_revision
            WHERE request_id = r.id AND number NOT BETWEEN 1 AND r.revision)
        OR EXISTS (SELECT FROM projects_verification
            WHERE request_id = r.id AND (revision > r.revision
                OR revision = r.revision AND r.status IN ('draft', 'submitted')))
    THEN
        RAISE EXCEPTION 'permohonan %: revisi atau hasil verifikasi mendahului', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.status IN ('verified', 'approved', 'running')
        AND NOT EXISTS (SELECT FROM projects_verification
            WHERE request_id = r.id AND revision = r.revision
                AND by_id = r.verified_by_id) THEN
        RAISE EXCEPTION 'permohonan %: hasil verifikasi tidak tersimpan', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.approved <> (SELECT coalesce(sum(amount), 0) FROM projects_tranche
            WHERE request_id = r.id)
        OR r.approved <> (SELECT coalesce(sum(amount), 0) FROM projects_reservation
            WHERE request_id = r.id)
        OR EXISTS (SELECT FROM projects_budgetline
            WHERE request_id = r.id AND allotment_id IS NOT NULL
                AND (approved IS NOT NULL) <> (r.status IN ('approved', 'running')))
        OR EXISTS (
            SELECT FROM (SELECT allotment_id, sum(approved) AS n
                FROM projects_budgetline
                WHERE request_id = r.id AND approved > 0
                GROUP BY allotment_id) AS line
            FULL JOIN (SELECT allotment_id, amount AS n FROM projects_reservation
                WHERE request_id = r.id) AS bound USING (allotment_id)
            WHERE line.n IS DISTINCT FROM bound.n) THEN
        RAISE EXCEPTION 'permohonan %: disetujui, termin dan ikatan pagu berbeda',
            r.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.released <> (SELECT coalesce(sum(t.amount), 0) FROM projects_tranche t
            JOIN projects_release p ON p.tranche_id = t.id
            WHERE t.request_id = r.id) THEN
        RAISE EXCEPTION 'permohonan %: cair tidak sama dengan pencairan', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE FUNCTION projects_check_allotment(allotment bigint) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE bound bigint;
BEGIN
    SELECT reserved INTO bound FROM projects_allotment
        WHERE id = allotment FOR UPDATE;
    IF bound <> (SELECT coalesce(sum(amount), 0) FROM projects_reservation
            WHERE allotment_id = allotment) THEN
        RAISE EXCEPTION 'pagu %: terikat tidak sama dengan ikatannya', allotment
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE FUNCTION projects_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'projects_allotment' THEN
        PERFORM projects_check_allotment(NEW.id);
    ELSIF TG_TABLE_NAME = 'projects_fundingrequest' THEN
        PERFORM projects_check_request(NEW.id);
    ELSIF TG_TABLE_NAME = 'projects_release' THEN
        PERFORM projects_check_request(
            (SELECT request_id FROM projects_tranche WHERE id = NEW.tranche_id));
    ELSE
        PERFORM projects_check_request(NEW.request_id);
        IF TG_TABLE_NAME = 'projects_reservation' THEN
            PERFORM projects_check_allotment(NEW.allotment_id);
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""
TOTAL_TRIGGERS = [
    ("projects_fundingrequest", "INSERT OR UPDATE"),
    ("projects_allotment", "INSERT OR UPDATE"),
    ("projects_budgetline", "INSERT OR UPDATE"),
    ("projects_revision", "INSERT"),
    ("projects_verification", "INSERT"),
    ("projects_reservation", "INSERT"),
    ("projects_tranche", "INSERT"),
    ("projects_release", "INSERT"),
]
DROP_TOTALS = """
DROP FUNCTION projects_totals();
DROP FUNCTION projects_check_request(bigint);
DROP FUNCTION projects_check_allotment(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0001_initial"),
        ("kit", "0002_guards"),
        ("villages", "0002_guards"),
    ]

    operations = [
        guards.moves("projects_project", "stage", STAGE_MOVES),
        guards.recorded(
            "projects_project",
            "stage",
            "projects_stagechange",
            "project_id",
            "from_stage",
            "to_stage",
        ),
        guards.moves("projects_fundingrequest", "status", STATUS_MOVES),
        guards.recorded(
            "projects_fundingrequest",
            "status",
            "projects_transition",
            "request_id",
            "from_status",
            "to_status",
        ),
        guards.no_delete("projects_project"),
        guards.no_delete("projects_fundingrequest"),
        guards.no_delete("projects_allotment"),
        guards.only(
            "projects_allotment",
            "ceiling",
            "reserved",
            "confirmed_by_id",
            "confirmed_at",
        ),
        guards.append_only("projects_stagechange"),
        guards.append_only("projects_progressreport"),
        guards.append_only("projects_reporteditem"),
        guards.append_only("projects_revision"),
        guards.append_only("projects_verification"),
        guards.append_only("projects_transition"),
        guards.append_only("projects_reservation"),
        guards.append_only("projects_tranche"),
        guards.append_only("projects_release"),
        guards.no_truncate("projects_budgetline"),
        guards.no_truncate("projects_workitem"),
        migrations.RunSQL(PROJECT_STAGE, DROP_PROJECT_STAGE),
        migrations.RunSQL(LINES, DROP_LINES),
        migrations.RunSQL(REQUEST, DROP_REQUEST),
        migrations.RunSQL(TOTALS, DROP_TOTALS),
        *[
            migrations.RunSQL(
                f"""
                CREATE CONSTRAINT TRIGGER {table}_totals AFTER {events} ON {table}
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION projects_totals();
                """,
                f"DROP TRIGGER {table}_totals ON {table};",
            )
            for table, events in TOTAL_TRIGGERS
        ],
    ]
