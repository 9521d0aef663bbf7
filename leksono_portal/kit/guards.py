"""Migration operations with which the database itself refuses what must never be.

Plain SQL triggers of ours: those of a library can be switched off by any role with
one SET, and none of them stops TRUNCATE.
"""

from django.db import migrations


def refuse_function():
    """Create `portal_refuse()`, which raises the sentence given to the trigger."""
    return migrations.RunSQL(
        """
        CREATE FUNCTION portal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
        END $$;
        """,
        "DROP FUNCTION portal_refuse();",
    )


def append_only(table):
    """Rows of `table` may be added, never changed, deleted or truncated.

    The name of the trigger is what `grant_web_role` looks for when it also takes
    the rights to UPDATE and DELETE away from the web role.
    """
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION
            portal_refuse('{table}: riwayat tidak boleh diubah atau dihapus');
        {_no_truncate(table)}
        """,
        f"""
        DROP TRIGGER {table}_append_only ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )


def no_delete(table):
    """Rows of `table` may be added and changed, never deleted or truncated."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION
            portal_refuse('{table}: baris tidak boleh dihapus');
        {_no_truncate(table)}
        """,
        f"""
        DROP TRIGGER {table}_no_delete ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )


def no_truncate(table):
    return migrations.RunSQL(
        _no_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};"
    )


def _no_truncate(table):
    return f"""
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION
            portal_refuse('{table}: tabel tidak boleh dikosongkan');
    """


def set_once(table, *columns):
    """Only `columns` may change, each of them once, from NULL to a value."""
    changed = " OR ".join(
        f"(OLD.{c} IS NOT NULL AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in columns
    )
    names = ", ".join(f"'{c}'" for c in columns)
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_set_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {changed} OR (to_jsonb(NEW) - ARRAY[{names}])
                IS DISTINCT FROM (to_jsonb(OLD) - ARRAY[{names}]) THEN
                RAISE EXCEPTION '{table}: hanya boleh diisi sekali'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {table}_set_once BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_set_once();
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION
            portal_refuse('{table}: baris tidak boleh dihapus');
        {_no_truncate(table)}
        """,
        f"""
        DROP TRIGGER {table}_set_once ON {table};
        DROP TRIGGER {table}_no_delete ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        DROP FUNCTION {table}_set_once();
        """,
    )


def moves(table, column, pairs):
    """`column` starts at one of the targets of "" and moves only along `pairs`.

    pairs: (from, to) tuples, "" as `from` for the first value of a new row.
    """
    allowed = ", ".join(f"('{a}', '{b}')" for a, b in pairs)
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE before text := '';
        BEGIN
            IF TG_OP = 'UPDATE' THEN before := OLD.{column}; END IF;
            IF TG_OP = 'UPDATE' AND before = NEW.{column} THEN RETURN NEW; END IF;
            IF (before, NEW.{column}) NOT IN ({allowed}) THEN
                RAISE EXCEPTION '{table}: dari "%" tidak boleh ke "%"',
                    before, NEW.{column} USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {table}_moves BEFORE INSERT OR UPDATE OF {column} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_moves();
        """,
        f"DROP TRIGGER {table}_moves ON {table}; DROP FUNCTION {table}_moves();",
    )


def recorded(table, column, history, owner, before, after):
    """A move of `column` counts `step` up by one and has its row in `history`.

    Checked when the transaction commits, so that the row may be written after the
    move. history: a table with (owner, number, before, after).
    """
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE old_value text := ''; old_step integer := 0;
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                old_value := OLD.{column}; old_step := OLD.step;
                IF old_value = NEW.{column} AND old_step = NEW.step THEN
                    RETURN NULL;
                END IF;
            END IF;
            IF old_value = NEW.{column} OR NEW.step <> old_step + 1
                OR NOT EXISTS (
                    SELECT FROM {history}
                    WHERE {owner} = NEW.id AND number = NEW.step
                        AND {before} = old_value AND {after} = NEW.{column}
                ) THEN
                RAISE EXCEPTION '{table}: perpindahan tanpa catatan riwayat'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER {table}_recorded
            AFTER INSERT OR UPDATE OF {column}, step ON {table}
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION {table}_recorded();
        CREATE FUNCTION {history}_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.number > (SELECT step FROM {table} WHERE id = NEW.{owner}) THEN
                RAISE EXCEPTION '{history}: catatan tanpa perpindahan'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER {history}_belongs AFTER INSERT ON {history}
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION {history}_belongs();
        """,
        f"""
        DROP TRIGGER {table}_recorded ON {table};
        DROP FUNCTION {table}_recorded();
        DROP TRIGGER {history}_belongs ON {history};
        DROP FUNCTION {history}_belongs();
        """,
    )


def only(table, *columns):
    """Of an existing row only `columns` may change."""
    names = ", ".join(f"'{c}'" for c in columns)
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (to_jsonb(NEW) - ARRAY[{names}])
                IS DISTINCT FROM (to_jsonb(OLD) - ARRAY[{names}]) THEN
                RAISE EXCEPTION '{table}: hanya {", ".join(columns)} boleh berubah'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {table}_only BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_only();
        """,
        f"DROP TRIGGER {table}_only ON {table}; DROP FUNCTION {table}_only();",
    )
