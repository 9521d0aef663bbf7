import django.db.models.deletion
from django.db import migrations, models

from leksono_portal.kit import guards

# Decision and letter are born together. Decisions made before this stand without.
LETTER = """
CREATE FUNCTION projects_fundingrequest_with_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM projects_decisionletter WHERE request_id = NEW.id) THEN
        RAISE EXCEPTION 'permohonan %: diputuskan tanpa surat', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER projects_fundingrequest_with_letter
    AFTER UPDATE OF status ON projects_fundingrequest DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('approved', 'rejected'))
    EXECUTE FUNCTION projects_fundingrequest_with_letter();

CREATE FUNCTION projects_decisionletter_of_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM projects_fundingrequest WHERE id = NEW.request_id)
        NOT IN ('approved', 'running', 'rejected') THEN
        RAISE EXCEPTION 'permohonan %: surat tanpa keputusan', NEW.request_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER projects_decisionletter_of_decided
    AFTER INSERT ON projects_decisionletter DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION projects_decisionletter_of_decided();
"""
DROP_LETTER = """
DROP TRIGGER projects_fundingrequest_with_letter ON projects_fundingrequest;
DROP FUNCTION projects_fundingrequest_with_letter();
DROP TRIGGER projects_decisionletter_of_decided ON projects_decisionletter;
DROP FUNCTION projects_decisionletter_of_decided();
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0003_paper_code"), ("projects", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="DecisionLetter",
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
                    "number",
                    models.CharField(max_length=60, verbose_name="nomor surat"),
                ),
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kit.storedpaper",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="projects.fundingrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "surat keputusan",
                "verbose_name_plural": "surat keputusan",
            },
        ),
        guards.append_only("projects_decisionletter"),
        migrations.RunSQL(LETTER, DROP_LETTER),
    ]
