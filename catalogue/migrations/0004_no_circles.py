"""The database itself refuses a lineage that goes round in a circle, whoever asks.

SQLite forgets triggers when Django rebuilds a table, so a later migration that alters
``catalogue_parent`` has to make them again.
"""

from django.db import migrations

# Everything above the new parent; if the new child is among it, there is a circle.
ABOVE = """
    WITH RECURSIVE above(id) AS (
        SELECT NEW.parent_id
        UNION
        SELECT edge.parent_id FROM catalogue_parent edge
        JOIN above ON edge.child_id = above.id {others}
    )
    SELECT 1 FROM above WHERE id = NEW.child_id
"""

# Two transactions that each add one half of a circle do not see each other's half:
# the lock makes the second wait until the first is seen.
POSTGRESQL = [
    f"""
    CREATE FUNCTION catalogue_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('catalogue_parent'));
        IF EXISTS ({ABOVE.format(others="WHERE edge.id <> NEW.id")}) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'catalogue_parent: the lineage would be a circle';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_parent_no_circle
    BEFORE INSERT OR UPDATE OF child_id, parent_id ON catalogue_parent
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_circle()
    """,
]
POSTGRESQL_BACK = [
    "DROP TRIGGER catalogue_parent_no_circle ON catalogue_parent",
    "DROP FUNCTION catalogue_refuse_circle",
]
SQLITE = [
    f"""
    CREATE TRIGGER catalogue_parent_no_circle_{verb.split()[0].lower()}
    BEFORE {verb} ON catalogue_parent
    BEGIN
        SELECT RAISE(ABORT, 'catalogue_parent: the lineage would be a circle')
        WHERE EXISTS ({ABOVE.format(others=others)});
    END
    """
    for verb, others in (
        ("INSERT", ""),
        ("UPDATE OF child_id, parent_id", "WHERE edge.id <> NEW.id"),
    )
]
SQLITE_BACK = [
    "DROP TRIGGER catalogue_parent_no_circle_insert",
    "DROP TRIGGER catalogue_parent_no_circle_update",
]


def guard(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE_BACK if on_sqlite else POSTGRESQL_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0003_relations_of_adapters")]

    operations = [migrations.RunPython(guard, unguard)]
