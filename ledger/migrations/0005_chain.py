"""The chain over all transfers, append-only like them."""

import django.db.models.deletion
from django.db import migrations, models

POSTGRESQL = [
    """
    CREATE TRIGGER ledger_chainlink_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON ledger_chainlink FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
]
POSTGRESQL_BACK = ["DROP TRIGGER ledger_chainlink_append_only ON ledger_chainlink"]

SQLITE = [
    *(
        f"""
        CREATE TRIGGER ledger_chainlink_no_{verb.lower()}
        BEFORE {verb} ON ledger_chainlink
        BEGIN SELECT RAISE(ABORT, 'ledger_chainlink: {verb} is refused'); END
        """
        for verb in ("UPDATE", "DELETE")
    ),
    """
    CREATE TRIGGER ledger_chainlink_not_replaced BEFORE INSERT ON ledger_chainlink
    WHEN EXISTS (
        SELECT 1 FROM ledger_chainlink
        WHERE number = NEW.number OR transfer_id = NEW.transfer_id
    )
    BEGIN SELECT RAISE(ABORT, 'ledger_chainlink: it stands already'); END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER ledger_chainlink_not_replaced",
    "DROP TRIGGER ledger_chainlink_no_update",
    "DROP TRIGGER ledger_chainlink_no_delete",
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

    dependencies = [("ledger", "0004_posting_in_the_database")]

    operations = [
        migrations.CreateModel(
            name="Sealing",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("floor", models.BigIntegerField(default=0)),
                ("candidate", models.BigIntegerField(default=0)),
                ("candidate_xid", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=64)),
                ("transfer", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="link", to="ledger.transfer")),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
