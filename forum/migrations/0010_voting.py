import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, F, When

from leksono_portal.kit import guards

CAST = F("votes_for") + F("votes_against") + F("votes_abstain") + F("votes_invalid")
NEEDED = Case(
    When(rule="present", then=F("entitled") / 2 + 1),
    When(rule="two_thirds", then=(CAST * 2 + 2) / 3),
    default=CAST / 2 + 1,
    output_field=models.IntegerField(),
)
# A ballot begins uncounted, on an item of its own meeting; once confirmed or cancelled
# it stays. It is confirmed as it was counted, by an officer of another village of the
# body, or of its district, than the one who counted was ever of.
GUARD = """
CREATE FUNCTION forum_ballot_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.counted_at IS NOT NULL OR NEW.cancelled_at IS NOT NULL
            OR (NEW.agenda_item_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM forum_agendaitem
                WHERE id = NEW.agenda_item_id AND meeting_id = NEW.meeting_id))
        THEN
            RAISE EXCEPTION 'forum_ballot: bukan pemungutan suara yang baru dibuka'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.confirmed_at IS NOT NULL OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'forum_ballot: sudah disahkan atau dibatalkan'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.confirmed_at IS NOT NULL AND (
        (NEW.votes_for, NEW.votes_against, NEW.votes_abstain, NEW.votes_invalid,
         NEW.counted_by_id, NEW.counted_at, NEW.version) IS DISTINCT FROM
        (OLD.votes_for, OLD.votes_against, OLD.votes_abstain, OLD.votes_invalid,
         OLD.counted_by_id, OLD.counted_at, OLD.version)
        OR NOT EXISTS (
            SELECT FROM villages_office mine
                JOIN forum_meeting meeting ON meeting.id = NEW.meeting_id
                JOIN forum_body body ON body.id = meeting.body_id
            WHERE mine.user_id = NEW.confirmed_by_id
                AND (NEW.confirmed_at AT TIME ZONE 'Asia/Jakarta')::date
                    BETWEEN mine.starts_on AND coalesce(mine.ends_on, 'infinity')
                AND (mine.district_id = body.district_id OR mine.village_id IN (
                    SELECT village_id FROM forum_body_villages
                    WHERE body_id = body.id))
                AND NOT EXISTS (
                    SELECT FROM villages_office counted
                    WHERE counted.user_id = NEW.counted_by_id
                        AND (counted.village_id = mine.village_id
                            OR counted.district_id = mine.district_id)))
    ) THEN
        RAISE EXCEPTION 'forum_ballot: disahkan orang kedua dari desa lain'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_ballot_guard BEFORE INSERT OR UPDATE ON forum_ballot
    FOR EACH ROW EXECUTE FUNCTION forum_ballot_guard();
CREATE TRIGGER forum_ballot_locked BEFORE INSERT OR UPDATE ON forum_ballot
    FOR EACH ROW EXECUTE FUNCTION forum_refuse_if_final();
"""
DROP_GUARD = """
DROP TRIGGER forum_ballot_locked ON forum_ballot;
DROP TRIGGER forum_ballot_guard ON forum_ballot;
DROP FUNCTION forum_ballot_guard();
"""
# Electors are written as the ballot is opened, all of them and no others later.
ELECTORS = """
CREATE FUNCTION forum_elector_entitled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM forum_ballot ballot
            JOIN forum_participant person ON person.meeting_id = ballot.meeting_id
        WHERE ballot.id = NEW.ballot_id AND person.key = NEW.participant
            AND person.present AND person.may_vote
            AND person.village_id = NEW.village_id
    ) THEN
        RAISE EXCEPTION 'forum_elector: tidak hadir, atau tanpa hak suara'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_elector_entitled BEFORE INSERT ON forum_elector
    FOR EACH ROW EXECUTE FUNCTION forum_elector_entitled();

CREATE FUNCTION forum_ballot_electors() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ballot bigint;
BEGIN
    IF TG_TABLE_NAME = 'forum_ballot' THEN ballot := NEW.id;
    ELSE ballot := NEW.ballot_id; END IF;
    IF (SELECT entitled FROM forum_ballot WHERE id = ballot)
        <> (SELECT count(*) FROM forum_elector WHERE ballot_id = ballot) THEN
        RAISE EXCEPTION 'forum_ballot: pemilik suara hanya dicatat saat dibuka'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER forum_ballot_electors AFTER INSERT ON forum_ballot
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION forum_ballot_electors();
CREATE CONSTRAINT TRIGGER forum_elector_at_opening AFTER INSERT ON forum_elector
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION forum_ballot_electors();
"""
DROP_ELECTORS = """
DROP TRIGGER forum_elector_at_opening ON forum_elector;
DROP TRIGGER forum_ballot_electors ON forum_ballot;
DROP FUNCTION forum_ballot_electors();
DROP TRIGGER forum_elector_entitled ON forum_elector;
DROP FUNCTION forum_elector_entitled();
"""
# What was put to the vote has the votes of its ballot, confirmed and enough, from now
# on; a draft from before is asked for them when it is to be final.
VOTED = """
CREATE FUNCTION forum_is_voted(decision forum_decision) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM forum_ballot ballot
        WHERE ballot.meeting_id = decision.meeting_id AND ballot.key = decision.key
            AND ballot.confirmed_at IS NOT NULL AND ballot.votes_for >= ballot.needed
            AND ballot.votes_for = decision.votes_for
            AND ballot.votes_against = decision.votes_against
            AND ballot.votes_abstain = decision.votes_abstain)
$$;
CREATE FUNCTION forum_decision_voted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.method = 'vote' AND NOT forum_is_voted(NEW) THEN
        RAISE EXCEPTION 'forum_decision: tanpa pemungutan suara yang disahkan'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_decision_voted BEFORE INSERT OR UPDATE
    OF key, method, votes_for, votes_against, votes_abstain ON forum_decision
    FOR EACH ROW EXECUTE FUNCTION forum_decision_voted();

CREATE FUNCTION forum_meeting_votes_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finalised_at IS NULL AND NEW.finalised_at IS NOT NULL AND (
        EXISTS (SELECT FROM forum_ballot WHERE meeting_id = NEW.id
            AND confirmed_at IS NULL AND cancelled_at IS NULL)
        OR EXISTS (SELECT FROM forum_decision decision WHERE meeting_id = NEW.id
            AND method = 'vote' AND NOT forum_is_voted(decision))
    ) THEN
        RAISE EXCEPTION 'forum_meeting: ada pemungutan suara yang belum disahkan'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forum_meeting_votes_settled BEFORE UPDATE OF finalised_at
    ON forum_meeting FOR EACH ROW EXECUTE FUNCTION forum_meeting_votes_settled();
"""
DROP_VOTED = """
DROP TRIGGER forum_meeting_votes_settled ON forum_meeting;
DROP FUNCTION forum_meeting_votes_settled();
DROP TRIGGER forum_decision_voted ON forum_decision;
DROP FUNCTION forum_decision_voted();
DROP FUNCTION forum_is_voted(forum_decision);
"""
CHANGING = (
    "votes_for votes_against votes_abstain votes_invalid needed version counted_at "
    "counted_by_id confirmed_at confirmed_by_id cancelled_at cancelled_by_id reason"
).split()


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0009_presence"),
        ("villages", "0006_office_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ballot",
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
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "question",
                    models.TextField(max_length=1000, verbose_name="yang diputuskan"),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("cast", "Lebih dari separuh suara yang masuk"),
                            ("present", "Lebih dari separuh utusan yang hadir"),
                            ("two_thirds", "Dua pertiga suara yang masuk"),
                        ],
                        default="cast",
                        max_length=10,
                        verbose_name="disetujui bila",
                    ),
                ),
                (
                    "entitled",
                    models.PositiveSmallIntegerField(
                        editable=False, verbose_name="berhak dan hadir"
                    ),
                ),
                ("opened_at", models.DateTimeField(editable=False)),
                (
                    "votes_for",
                    models.PositiveSmallIntegerField(null=True, verbose_name="setuju"),
                ),
                (
                    "votes_against",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="tidak setuju"
                    ),
                ),
                (
                    "votes_abstain",
                    models.PositiveSmallIntegerField(null=True, verbose_name="abstain"),
                ),
                (
                    "votes_invalid",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="tidak sah"
                    ),
                ),
                (
                    "needed",
                    models.GeneratedField(
                        db_persist=True,
                        expression=NEEDED,
                        output_field=models.IntegerField(null=True),
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("counted_at", models.DateTimeField(editable=False, null=True)),
                ("confirmed_at", models.DateTimeField(editable=False, null=True)),
                ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="alasan"),
                ),
            ],
            options={
                "verbose_name": "pemungutan suara",
                "verbose_name_plural": "pemungutan suara",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Elector",
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
                ("participant", models.UUIDField(editable=False)),
                ("name", models.CharField(max_length=120, verbose_name="nama")),
                (
                    "proxy",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="diwakili"
                    ),
                ),
            ],
            options={
                "verbose_name": "pemilik suara",
                "verbose_name_plural": "pemilik suara",
                "ordering": ["village__name", "pk"],
            },
        ),
        migrations.AddField(
            model_name="participant",
            name="may_vote",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="utusan dengan hak suara"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("may_vote", False), ("village__isnull", False), _connector="OR"
                ),
                name="participant_votes_for_a_village",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="agenda_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="forum.agendaitem",
                verbose_name="mata acara",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="cancelled_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="confirmed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="counted_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="forum.meeting",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="opened_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="elector",
            name="ballot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="electors",
                to="forum.ballot",
            ),
        ),
        migrations.AddField(
            model_name="elector",
            name="village",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="villages.village",
                verbose_name="desa",
            ),
        ),
        migrations.AddIndex(
            model_name="ballot",
            index=models.Index(
                condition=models.Q(
                    ("cancelled_at", None),
                    ("confirmed_at", None),
                    ("counted_at__isnull", False),
                ),
                fields=["counted_at"],
                include=("meeting", "counted_by"),
                name="ballot_to_confirm",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                fields=("meeting", "key"), name="ballot_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("confirmed_at", None)),
                fields=("meeting", "agenda_item"),
                name="ballot_open_once_an_item",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("entitled__gte", 1)),
                name="ballot_someone_is_entitled",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("rule__in", ["cast", "present", "two_thirds"])),
                name="ballot_by_a_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("counted_at", None),
                        ("counted_by", None),
                        ("votes_abstain", None),
                        ("votes_against", None),
                        ("votes_for", None),
                        ("votes_invalid", None),
                    ),
                    models.Q(
                        ("counted_at__isnull", False),
                        ("counted_by__isnull", False),
                        ("votes_abstain__isnull", False),
                        ("votes_against__isnull", False),
                        ("votes_for__isnull", False),
                        ("votes_invalid__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="ballot_counted_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counted_at", None),
                    (
                        "entitled__gte",
                        CAST,
                    ),
                    _connector="OR",
                ),
                name="ballot_counts_no_more_than_the_entitled",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("votes_abstain", 0),
                    ("votes_against", 0),
                    ("votes_for", 0),
                    ("votes_invalid", 0),
                    _negated=True,
                ),
                name="ballot_counts_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        models.Q(
                            ("confirmed_by", models.F("counted_by")), _negated=True
                        ),
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("counted_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="ballot_confirmed_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at", None), ("cancelled_by", None), ("reason", "")
                    ),
                    models.Q(
                        models.Q(("reason", ""), _negated=True),
                        ("cancelled_at__isnull", False),
                        ("cancelled_by__isnull", False),
                        ("confirmed_at", None),
                    ),
                    _connector="OR",
                ),
                name="ballot_cancelled_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="elector",
            constraint=models.UniqueConstraint(
                fields=("ballot", "participant"), name="elector_once_a_ballot"
            ),
        ),
        migrations.RunSQL(GUARD, DROP_GUARD),
        migrations.RunSQL(ELECTORS, DROP_ELECTORS),
        migrations.RunSQL(VOTED, DROP_VOTED),
        guards.only("forum_ballot", *CHANGING),
        guards.no_delete("forum_ballot"),
        guards.append_only("forum_elector"),
    ]
