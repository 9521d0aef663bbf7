from django.db import migrations, models

import leksono_portal.kit.codes

# Papers that stand get their codes as the default of a new column: their trigger
# refuses every UPDATE. Byte 0 of a uuid is random, each call makes another.
ADD = """
CREATE FUNCTION kit_new_code() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
        1 + (get_byte(uuid_send(gen_random_uuid()), 0) & 31), 1), '')
    FROM generate_series(1, 16)
$$;
ALTER TABLE kit_storedpaper
    ADD COLUMN code varchar(16) NOT NULL DEFAULT kit_new_code();
ALTER TABLE kit_storedpaper ALTER COLUMN code DROP DEFAULT;
DROP FUNCTION kit_new_code();
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(
            ADD,
            "ALTER TABLE kit_storedpaper DROP COLUMN code;",
            state_operations=[
                migrations.AddField(
                    "storedpaper",
                    "code",
                    models.CharField(
                        default=leksono_portal.kit.codes.new_code,
                        editable=False,
                        max_length=16,
                    ),
                )
            ],
        ),
        migrations.AddConstraint(
            "storedpaper",
            models.UniqueConstraint(fields=("code",), name="paper_code_unique"),
        ),
        migrations.AddConstraint(
            "storedpaper",
            models.CheckConstraint(
                condition=models.Q(("code__regex", "^[0-9A-HJKMNP-TV-Z]{16}$")),
                name="paper_code_is_a_code",
            ),
        ),
    ]
