"""Holds, and the kinds of account that carry them.

SQLite rebuilds ``ledger_account`` for this, and refuses to while a trigger speaks of
it: those triggers go first and are made again at the end.
"""

from importlib import import_module

import common.amounts
import django.db.models.deletion
import uuid
from django.db import migrations, models

before = import_module("ledger.migrations.0002_append_only")
ZERO = before.ZERO

# What 0002 made that speaks of the account, by the name that each statement makes.
ON_ACCOUNT = ("ledger_account_fixed", "ledger_account_opened_empty")

POSTGRESQL = [
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.kind, OLD.owner, OLD.asset_id, OLD.stripe)
        IS DISTINCT FROM (NEW.id, NEW.kind, NEW.owner, NEW.asset_id, NEW.stripe))
    EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_account_opened_empty BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.held <> 0)
    EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_hold_kept BEFORE DELETE OR TRUNCATE ON ledger_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_hold_fixed BEFORE UPDATE ON ledger_hold FOR EACH ROW
    WHEN (OLD.status <> 'open' OR
        (OLD.id, OLD.account_id, OLD.amount, OLD.caller, OLD.key, OLD.request_digest,
            OLD.reference, OLD.memo, OLD.expires_at, OLD.created_at)
        IS DISTINCT FROM
        (NEW.id, NEW.account_id, NEW.amount, NEW.caller, NEW.key, NEW.request_digest,
            NEW.reference, NEW.memo, NEW.expires_at, NEW.created_at))
    EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_hold_opened BEFORE INSERT ON ledger_hold
    FOR EACH ROW WHEN (NEW.status <> 'open') EXECUTE FUNCTION ledger_refuse()
    """,
]

SQLITE = [
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account
    WHEN (OLD.id, OLD.kind, OLD.owner, OLD.asset_id, OLD.stripe)
        IS NOT (NEW.id, NEW.kind, NEW.owner, NEW.asset_id, NEW.stripe)
    BEGIN SELECT RAISE(ABORT, 'ledger_account: UPDATE is refused'); END
    """,
    f"""
    CREATE TRIGGER ledger_account_opened_empty BEFORE INSERT ON ledger_account
    WHEN NEW.balance <> '{ZERO}' OR NEW.held <> '{ZERO}'
        OR EXISTS (
            SELECT 1 FROM ledger_account a
            WHERE a.id = NEW.id OR (a.owner = NEW.owner AND a.kind = NEW.kind
                AND a.asset_id = NEW.asset_id AND a.stripe = NEW.stripe)
        )
    BEGIN SELECT RAISE(ABORT, 'ledger_account: INSERT is refused'); END
    """,
    """
    CREATE TRIGGER ledger_hold_kept BEFORE DELETE ON ledger_hold
    BEGIN SELECT RAISE(ABORT, 'ledger_hold: DELETE is refused'); END
    """,
    """
    CREATE TRIGGER ledger_hold_fixed BEFORE UPDATE ON ledger_hold
    WHEN OLD.status <> 'open' OR
        (OLD.id, OLD.account_id, OLD.amount, OLD.caller, OLD.key, OLD.request_digest,
            OLD.reference, OLD.memo, OLD.expires_at, OLD.created_at)
        IS NOT
        (NEW.id, NEW.account_id, NEW.amount, NEW.caller, NEW.key, NEW.request_digest,
            NEW.reference, NEW.memo, NEW.expires_at, NEW.created_at)
    BEGIN SELECT RAISE(ABORT, 'ledger_hold: UPDATE is refused'); END
    """,
    """
    CREATE TRIGGER ledger_hold_opened BEFORE INSERT ON ledger_hold
    WHEN NEW.status <> 'open' OR EXISTS (
        SELECT 1 FROM ledger_hold h
        WHERE h.id = NEW.id OR (h.caller = NEW.caller AND h.key = NEW.key)
    )
    BEGIN SELECT RAISE(ABORT, 'ledger_hold: INSERT is refused'); END
    """,
]
HOLD_TRIGGERS = ("ledger_hold_kept", "ledger_hold_fixed", "ledger_hold_opened")


def _made_before(vendor, *names):
    statements = before.SQLITE if vendor == "sqlite" else before.POSTGRESQL
    return [
        statement
        for name in names
        for statement in statements
        if f"CREATE TRIGGER {name} " in statement
    ]


def _drop(schema_editor, name, table):
    on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
    schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)


def lift(apps, schema_editor):
    for name in ON_ACCOUNT:
        _drop(schema_editor, name, "ledger_account")
    if schema_editor.connection.vendor == "sqlite":
        _drop(schema_editor, "ledger_transfer_sealed", "ledger_transfer")


def put_back(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    sealed = ("ledger_transfer_sealed",) if on_sqlite else ()
    for statement in _made_before(
        schema_editor.connection.vendor, *ON_ACCOUNT, *sealed
    ):
        schema_editor.execute(statement, params=None)


def guard(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        schema_editor.execute(statement, params=None)
    if on_sqlite:
        for statement in _made_before("sqlite", "ledger_transfer_sealed"):
            schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    for name in HOLD_TRIGGERS:
        _drop(schema_editor, name, "ledger_hold")
    lift(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_append_only'),
    ]

    operations = [
        migrations.RunPython(lift, put_back),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('amount', common.amounts.AmountField()),
                ('captured', common.amounts.AmountField(default=0)),
                ('status', models.CharField(choices=[('open', 'Open'), ('captured', 'Captured'), ('released', 'Released'), ('expired', 'Expired')], default='open', max_length=10)),
                ('caller', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=200)),
                ('request_digest', models.CharField(max_length=64)),
                ('reference', models.CharField(max_length=120)),
                ('memo', models.CharField(blank=True, max_length=500)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_unique',
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_not_overdrawn',
        ),
        migrations.AddField(
            model_name='account',
            name='held',
            field=common.amounts.AmountField(default=0),
        ),
        migrations.AddField(
            model_name='account',
            name='stripe',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('wallet', 'Wallet'), ('escrow', 'Escrow'), ('deposit', 'Deposit'), ('fees', 'Fees'), ('issuance', 'Issuance'), ('budget', 'Budget'), ('pool', 'Pool')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('owner', 'kind', 'asset', 'stripe'), name='account_unique'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['wallet', 'escrow', 'deposit', 'fees', 'issuance', 'budget', 'pool'])), name='account_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('balance__gte', 0), ('kind__in', ('issuance',)), _connector='OR'), name='account_not_overdrawn'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('held', 0), models.Q(('balance__gte', models.F('held')), ('held__gt', 0), ('kind__in', ('wallet', 'escrow', 'deposit', 'budget', 'pool'))), _connector='OR'), name='account_holds_what_it_has'),
        ),
        migrations.AddField(
            model_name='hold',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='hold',
            name='transfer',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hold', to='ledger.transfer'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['account', 'created_at', 'id'], name='hold_open_by_account'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('status', 'open')), fields=['expires_at'], name='hold_open_by_expiry'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('caller', 'key'), name='hold_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='hold_of_something'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('captured__gte', 0), ('captured__lte', models.F('amount'))), name='hold_captured_within'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('captured', 0), ('closed_at', None), ('status', 'open'), ('transfer', None)), models.Q(('captured__gt', 0), ('closed_at__isnull', False), ('status', 'captured'), ('transfer__isnull', False)), models.Q(('captured', 0), ('closed_at__isnull', False), ('status__in', ['released', 'expired']), ('transfer', None)), _connector='OR'), name='hold_status_fits'),
        ),
        migrations.RunPython(guard, unguard),
    ]
