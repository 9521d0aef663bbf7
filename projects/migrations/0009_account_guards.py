from django.db import migrations

from leksono_portal.kit import guards

# What had happened by the time this was written; the models hold today's tables.
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
    ("running", "held"),
    ("held", "running"),
    ("running", "completed"),
    ("approved", "cancelled"),
    ("running", "cancelled"),
    ("held", "cancelled"),
]
ACCOUNT_MOVES = [
    ("", "draft"),
    ("draft", "sent"),
    ("returned", "sent"),
    ("sent", "returned"),
    ("sent", "accepted"),
]

# Releases of before have their accounts, begun when they were paid.
BEGIN = """
INSERT INTO projects_account
    (release_id, status, status_since, step, story, spent, updated_by_id, updated_at)
    SELECT id, 'draft', at, 1, '', 0, by_id, at FROM projects_release;
INSERT INTO projects_accountmove
    (account_id, number, from_status, to_status, by_id, office, reason, at)
    SELECT a.id, 1, '', 'draft', r.by_id, m.office, '', r.at
    FROM projects_account a JOIN projects_release r ON r.id = a.release_id
    JOIN projects_tranche t ON t.id = r.tranche_id
    JOIN projects_transition m ON m.request_id = t.request_id
        AND m.to_status = 'running';
"""

# As before, and: another tranche is a move too, from running to running.
RECORDED = """
CREATE OR REPLACE FUNCTION projects_fundingrequest_recorded() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE old_value text := ''; old_step integer := 0; pays boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        old_value := OLD.status; old_step := OLD.step;
        pays := NEW.released > OLD.released;
        IF old_value = NEW.status AND old_step = NEW.step AND NOT pays THEN
            RETURN NULL;
        END IF;
    END IF;
    IF (old_value = NEW.status AND NOT pays) OR NEW.step <> old_step + 1
        OR NOT EXISTS (
            SELECT FROM projects_transition
            WHERE request_id = NEW.id AND number = NEW.step
                AND from_status = old_value AND to_status = NEW.status
        ) THEN
        RAISE EXCEPTION 'projects_fundingrequest: perpindahan tanpa catatan riwayat'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER projects_fundingrequest_recorded ON projects_fundingrequest;
CREATE CONSTRAINT TRIGGER projects_fundingrequest_recorded
    AFTER INSERT OR UPDATE OF status, step, released ON projects_fundingrequest
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION projects_fundingrequest_recorded();
"""

# As before, and: the payer and what is paid with each tranche; what is accounted for
# while it runs, as the accounts say.
FROZEN = """
CREATE OR REPLACE FUNCTION projects_fundingrequest_frozen() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['version', 'updated_by_id', 'updated_at'];
BEGIN
    IF OLD.status IN ('draft', 'returned') THEN
        free := free || ARRAY['title', 'year', 'background', 'requested'];
    ELSIF OLD.status = 'running' THEN
        free := free || ARRAY['accounted'];
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
            WHEN 'running' THEN CASE OLD.status WHEN 'approved'
                THEN ARRAY['paid_by_id', 'released'] ELSE ARRAY[]::text[] END
            ELSE ARRAY[]::text[] END;
    ELSIF NEW.status = 'running' AND NEW.step > OLD.step THEN
        free := free || ARRAY['step', 'paid_by_id', 'released'];
    END IF;
    IF NEW.released < OLD.released
        OR (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'permohonan %: isinya sudah dikunci', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# As before, and: what the accounts and the settlement say.
TOTALS = """
CREATE OR REPLACE FUNCTION projects_check_request(request bigint) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    r projects_fundingrequest%ROWTYPE;
    granted CONSTANT text[] :=
        ARRAY['approved', 'running', 'held', 'completed', 'cancelled'];
BEGIN
    SELECT * INTO r FROM projects_fundingrequest WHERE id = request FOR SHARE;
    IF r.status = ANY (granted || ARRAY['submitted', 'verified', 'rejected'])
        AND (r.requested = 0 OR r.requested <> (
            SELECT coalesce(sum(amount), 0) FROM projects_budgetline
            WHERE request_id = r.id AND allotment_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'permohonan %: diminta tidak sama dengan RAB', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.status = ANY (granted || ARRAY['submitted', 'verified'])
        AND NOT EXISTS (SELECT FROM projects_revision
            WHERE request_id = r.id AND number = r.revision) THEN
        RAISE EXCEPTION 'permohonan %: revisi % tidak tersimpan', r.id, r.revision
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.status = ANY (granted || ARRAY['submitted', 'verified', 'rejected'])
        AND NOT EXISTS (SELECT FROM projects_transition
            WHERE request_id = r.id AND number = r.step
                AND CASE r.status
                    WHEN 'submitted' THEN by_id = r.submitted_by_id
                    WHEN 'verified' THEN by_id = r.verified_by_id
                    WHEN 'running' THEN from_status = 'held' OR by_id = r.paid_by_id
                    WHEN 'approved' THEN by_id = r.decided_by_id
                    WHEN 'rejected' THEN by_id = r.decided_by_id
                    WHEN 'completed' THEN by_id NOT IN (r.author_id,
                        r.submitted_by_id, r.decided_by_id, r.paid_by_id)
                    WHEN 'cancelled' THEN EXISTS (SELECT FROM projects_cancellation c
                        WHERE c.request_id = r.id AND c.is_signed AND c.step = r.step - 1
                            AND c.decided_by_id = projects_transition.by_id)
                    ELSE true END) THEN
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
    IF r.status = ANY (granted || ARRAY['verified'])
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
                AND (approved IS NOT NULL) <> (r.status = ANY (granted)))
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
    PERFORM projects_check_accounts(r);
END $$;

CREATE FUNCTION projects_check_accounts(r projects_fundingrequest) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE s projects_settlement%ROWTYPE;
BEGIN
    IF r.accounted <> (SELECT coalesce(sum(a.spent), 0) FROM projects_tranche t
            JOIN projects_release p ON p.tranche_id = t.id
            JOIN projects_account a ON a.release_id = p.id
            WHERE t.request_id = r.id AND a.status = 'accepted') THEN
        RAISE EXCEPTION 'permohonan %: dipertanggungjawabkan tidak sama dengan laporan',
            r.id USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT * INTO s FROM projects_settlement WHERE request_id = r.id;
    IF (s.id IS NOT NULL) <> (r.status IN ('completed', 'cancelled')) THEN
        RAISE EXCEPTION 'permohonan %: penutupan dana tidak sama dengan keadaannya',
            r.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF s.id IS NULL AND EXISTS (SELECT FROM projects_leftover l
            JOIN projects_reservation b ON b.id = l.reservation_id
            WHERE b.request_id = r.id) THEN
        RAISE EXCEPTION 'permohonan %: sisa kembali sebelum ditutup', r.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF s.id IS NULL THEN RETURN; END IF;
    IF EXISTS (SELECT FROM projects_tranche t
            LEFT JOIN projects_release p ON p.tranche_id = t.id
            LEFT JOIN projects_account a ON a.release_id = p.id
            WHERE t.request_id = r.id AND a.status IS DISTINCT FROM 'accepted'
                AND (r.status = 'completed' OR p.id IS NOT NULL)) THEN
        RAISE EXCEPTION 'permohonan %: ada termin yang belum dipertanggungjawabkan',
            r.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF s.spent <> r.accounted OR s.paid_back <> r.released - r.accounted
        OR EXISTS (
            SELECT FROM projects_reservation b
            LEFT JOIN projects_leftover l ON l.reservation_id = b.id
            WHERE b.request_id = r.id
                AND b.amount - coalesce(l.amount, 0) <> (
                    SELECT coalesce(sum(c.amount), 0) FROM projects_receipt c
                    JOIN projects_budgetline n ON n.id = c.line_id
                    WHERE n.request_id = r.id
                        AND n.allotment_id = b.allotment_id)) THEN
        RAISE EXCEPTION 'permohonan %: sisa tidak sama dengan yang tidak dibelanjakan',
            r.id USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION projects_check_allotment(allotment bigint) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE bound bigint;
BEGIN
    SELECT reserved INTO bound FROM projects_allotment
        WHERE id = allotment FOR UPDATE;
    IF bound <> (SELECT coalesce(sum(b.amount - coalesce(l.amount, 0)), 0)
            FROM projects_reservation b
            LEFT JOIN projects_leftover l ON l.reservation_id = b.id
            WHERE b.allotment_id = allotment) THEN
        RAISE EXCEPTION 'pagu %: terikat tidak sama dengan ikatannya', allotment
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;
"""

# As before, in states that were not there: a letter is of a request that was decided.
LETTERS = """
CREATE OR REPLACE FUNCTION projects_decisionletter_of_decided() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT decided_by_id FROM projects_fundingrequest
            WHERE id = NEW.request_id) IS NULL THEN
        RAISE EXCEPTION 'permohonan %: surat tanpa keputusan', NEW.request_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""

# A tranche is paid in its turn, once the one before is accounted for, by someone
# without an earlier part in the request.
RELEASES = """
CREATE FUNCTION projects_release_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE t projects_tranche%ROWTYPE; r projects_fundingrequest%ROWTYPE;
BEGIN
    SELECT * INTO t FROM projects_tranche WHERE id = NEW.tranche_id;
    SELECT * INTO r FROM projects_fundingrequest WHERE id = t.request_id FOR SHARE;
    IF r.status NOT IN ('approved', 'running') OR EXISTS (
            SELECT FROM projects_tranche o
            LEFT JOIN projects_release p ON p.tranche_id = o.id
            LEFT JOIN projects_account a ON a.release_id = p.id
            WHERE o.request_id = t.request_id AND o.number < t.number
                AND a.status IS DISTINCT FROM 'accepted') THEN
        RAISE EXCEPTION 'termin %: belum gilirannya cair', t.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.by_id IN (r.author_id, r.submitted_by_id, r.verified_by_id,
            r.decided_by_id) THEN
        RAISE EXCEPTION 'termin %: dicairkan oleh yang ikut mengurusnya', t.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_release_in_turn BEFORE INSERT ON projects_release
    FOR EACH ROW EXECUTE FUNCTION projects_release_in_turn();
"""

# Receipts are the village's while it writes the account, of lines that were granted.
RECEIPTS = """
CREATE FUNCTION projects_receipt_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text; found_request bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.account_id <> NEW.account_id THEN
        RAISE EXCEPTION 'bukti tidak boleh pindah laporan'
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT a.status, t.request_id INTO found_status, found_request
        FROM projects_account a
        JOIN projects_release p ON p.id = a.release_id
        JOIN projects_tranche t ON t.id = p.tranche_id
        WHERE a.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id
                          ELSE NEW.account_id END FOR SHARE OF a;
    IF found_status NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'laporan sudah dikunci, "%"', found_status
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NOT EXISTS (SELECT FROM projects_budgetline
            WHERE id = NEW.line_id AND request_id = found_request AND approved > 0)
    THEN
        RAISE EXCEPTION 'bukti bukan dari baris RAB yang disetujui'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_receipt_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON projects_receipt FOR EACH ROW EXECUTE FUNCTION projects_receipt_frozen();
"""

# An account is its release's for good; its words go with its sending.
ACCOUNTS = """
CREATE FUNCTION projects_account_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['updated_by_id', 'updated_at'];
BEGIN
    IF NEW.status <> OLD.status THEN
        free := free || ARRAY['status', 'status_since', 'step'];
        IF NEW.status = 'sent' THEN free := free || ARRAY['story']; END IF;
    ELSIF OLD.status IN ('draft', 'returned') THEN
        free := free || ARRAY['spent'];
    END IF;
    IF (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
        RAISE EXCEPTION 'laporan %: isinya sudah dikunci', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER projects_account_frozen BEFORE UPDATE ON projects_account
    FOR EACH ROW EXECUTE FUNCTION projects_account_frozen();

CREATE FUNCTION projects_check_account(account bigint) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE a projects_account%ROWTYPE; r projects_fundingrequest%ROWTYPE;
BEGIN
    SELECT * INTO a FROM projects_account WHERE id = account FOR SHARE;
    SELECT q.* INTO r FROM projects_fundingrequest q
        JOIN projects_tranche t ON t.request_id = q.id
        JOIN projects_release p ON p.tranche_id = t.id
        WHERE p.id = a.release_id FOR SHARE OF q;
    IF a.spent <> (SELECT coalesce(sum(amount), 0) FROM projects_receipt
            WHERE account_id = a.id) THEN
        RAISE EXCEPTION 'laporan %: jumlah tidak sama dengan buktinya', a.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF r.released < (SELECT coalesce(sum(c.amount), 0) FROM projects_receipt c
            JOIN projects_budgetline n ON n.id = c.line_id
            WHERE n.request_id = r.id)
        OR EXISTS (SELECT FROM projects_receipt c
            JOIN projects_budgetline n ON n.id = c.line_id
            WHERE n.request_id = r.id
            GROUP BY n.id, n.approved HAVING sum(c.amount) > n.approved) THEN
        RAISE EXCEPTION 'laporan %: melebihi yang cair atau baris RAB', a.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF a.status = 'accepted' AND NOT EXISTS (SELECT FROM projects_accountmove m
            JOIN projects_release p ON p.id = a.release_id
            WHERE m.account_id = a.id AND m.number = a.step
                AND m.by_id NOT IN (p.by_id, r.author_id, r.submitted_by_id,
                    r.decided_by_id)) THEN
        RAISE EXCEPTION 'laporan %: diterima oleh yang ikut mengurusnya', a.id
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE FUNCTION projects_account_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'projects_account' THEN
        PERFORM projects_check_account(NEW.id);
        PERFORM projects_check_request((SELECT t.request_id FROM projects_tranche t
            JOIN projects_release p ON p.tranche_id = t.id
            WHERE p.id = NEW.release_id));
    ELSIF TG_TABLE_NAME = 'projects_receipt' THEN
        PERFORM projects_check_account(
            CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
    ELSIF TG_TABLE_NAME = 'projects_settlement' THEN
        PERFORM projects_check_request(NEW.request_id);
    ELSIF TG_TABLE_NAME = 'projects_leftover' THEN
        PERFORM projects_check_request(request_id),
            projects_check_allotment(allotment_id)
            FROM projects_reservation WHERE id = NEW.reservation_id;
    ELSIF NOT EXISTS (SELECT FROM projects_account WHERE release_id = NEW.id) THEN
        RAISE EXCEPTION 'pencairan tanpa laporannya'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
TOTAL_TRIGGERS = [
    ("projects_account", "INSERT OR UPDATE"),
    ("projects_receipt", "INSERT OR UPDATE OR DELETE"),
    ("projects_settlement", "INSERT"),
    ("projects_leftover", "INSERT"),
    ("projects_release", "INSERT"),
]


class Migration(migrations.Migration):
    """There is no way back: what was paid and accounted for stays so."""

    dependencies = [("projects", "0008_accounts")]

    operations = [
        migrations.RunSQL(BEGIN),
        migrations.RunSQL(
            """
            DROP TRIGGER projects_fundingrequest_moves ON projects_fundingrequest;
            DROP FUNCTION projects_fundingrequest_moves();
            """
        ),
        guards.moves("projects_fundingrequest", "status", STATUS_MOVES),
        guards.moves("projects_account", "status", ACCOUNT_MOVES),
        guards.recorded(
            "projects_account",
            "status",
            "projects_accountmove",
            "account_id",
            "from_status",
            "to_status",
        ),
        guards.no_delete("projects_account"),
        guards.append_only("projects_accountmove"),
        guards.set_once(
            "projects_cancellation", "decided_by_id", "decided_at", "is_signed", "note"
        ),
        guards.append_only("projects_settlement"),
        guards.append_only("projects_leftover"),
        guards.no_truncate("projects_receipt"),
        *[
            migrations.RunSQL(sql)
            for sql in (
                RECORDED,
                FROZEN,
                TOTALS,
                LETTERS,
                RELEASES,
                RECEIPTS,
                ACCOUNTS,
            )
        ],
        *[
            migrations.RunSQL(
                f"""
                CREATE CONSTRAINT TRIGGER {table}_account_totals AFTER {events}
                    ON {table} DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION projects_account_totals();
                """
            )
            for table, events in TOTAL_TRIGGERS
        ],
    ]
