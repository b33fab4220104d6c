"""What the database itself refuses, whoever asks: the book is append-only.

SQLite forgets triggers when Django rebuilds a table, so a later migration that
alters one of these tables has to make them again; ``verify_ledger`` looks for them.
"""

from django.db import migrations

ZERO = "1" + "0" * 48  # nothing, as SQLite keeps it (see common.amounts)

POSTGRESQL = [
    """
    CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE integrity_constraint_violation
            USING MESSAGE = format('%s: %s is refused', TG_TABLE_NAME, TG_OP);
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
        ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
        """
        for table in ("ledger_posting", "ledger_transfer", "ledger_asset")
    ),
    """
    CREATE FUNCTION ledger_seal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM ledger_posting WHERE transfer_id = NEW.id) < 2 THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_transfer: fewer than two postings';
        END IF;
        IF EXISTS (
            SELECT FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
            WHERE p.transfer_id = NEW.id GROUP BY a.asset_id HAVING sum(p.amount) <> 0
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_transfer: postings do not sum to zero';
        END IF;
        IF EXISTS (
            SELECT FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
            WHERE p.transfer_id = NEW.id AND a.balance <> p.balance_after
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_transfer: a balance did not move with it';
        END IF;
        IF NEW.reverses_id IS NOT NULL AND EXISTS (
            SELECT FROM ledger_posting WHERE transfer_id IN (NEW.id, NEW.reverses_id)
            GROUP BY account_id HAVING sum(amount) <> 0
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_transfer: not the mirror of what it reverses';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_transfer_sealed BEFORE INSERT ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_seal()
    """,
    """
    CREATE FUNCTION ledger_refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added JOIN ledger_transfer t ON t.id = added.transfer_id
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_posting: its transfer is sealed';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER ledger_posting_not_late AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_late()
    """,
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.kind, OLD.owner, OLD.asset_id)
        IS DISTINCT FROM (NEW.id, NEW.kind, NEW.owner, NEW.asset_id))
    EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_account_opened_empty BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION ledger_refuse()
    """,
]

POSTGRESQL_BACK = [
    "DROP TRIGGER ledger_account_opened_empty ON ledger_account",
    "DROP TRIGGER ledger_account_fixed ON ledger_account",
    "DROP TRIGGER ledger_posting_not_late ON ledger_posting",
    "DROP TRIGGER ledger_transfer_sealed ON ledger_transfer",
    "DROP TRIGGER ledger_posting_append_only ON ledger_posting",
    "DROP TRIGGER ledger_transfer_append_only ON ledger_transfer",
    "DROP TRIGGER ledger_asset_append_only ON ledger_asset",
    "DROP FUNCTION ledger_refuse_late",
    "DROP FUNCTION ledger_seal",
    "DROP FUNCTION ledger_refuse",
]

# SQLite has no TRUNCATE: there DELETE is the only way. Its REPLACE deletes without
# telling a trigger, hence the conditions that look for the row to be replaced.
SQLITE = [
    *(
        f"""
        CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table}: {verb} is refused'); END
        """
        for table in ("ledger_posting", "ledger_transfer", "ledger_asset")
        for verb in ("UPDATE", "DELETE")
    ),
    f"""
    CREATE TRIGGER ledger_transfer_sealed BEFORE INSERT ON ledger_transfer
    BEGIN
        SELECT RAISE(ABORT, 'ledger_transfer: it stands already')
        WHERE EXISTS (
            SELECT 1 FROM ledger_transfer t
            WHERE t.id = NEW.id OR t.seq = NEW.seq OR t.reverses_id = NEW.reverses_id
                OR (t.caller = NEW.caller AND t.key = NEW.key)
        );
        SELECT RAISE(ABORT, 'ledger_transfer: fewer than two postings')
        WHERE (SELECT count(*) FROM ledger_posting WHERE transfer_id = NEW.id) < 2;
        SELECT RAISE(ABORT, 'ledger_transfer: postings do not sum to zero')
        FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE p.transfer_id = NEW.id
        GROUP BY a.asset_id HAVING amount_sum(p.amount) <> '{ZERO}';
        SELECT RAISE(ABORT, 'ledger_transfer: a balance did not move with it')
        FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE p.transfer_id = NEW.id AND a.balance <> p.balance_after;
        SELECT RAISE(ABORT, 'ledger_transfer: not the mirror of what it reverses')
        FROM ledger_posting
        WHERE NEW.reverses_id IS NOT NULL
            AND transfer_id IN (NEW.id, NEW.reverses_id)
        GROUP BY account_id HAVING amount_sum(amount) <> '{ZERO}';
    END
    """,
    """
    CREATE TRIGGER ledger_posting_not_late BEFORE INSERT ON ledger_posting
    WHEN EXISTS (SELECT 1 FROM ledger_transfer WHERE id = NEW.transfer_id)
        OR EXISTS (SELECT 1 FROM ledger_posting WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'ledger_posting: its transfer is sealed'); END
    """,
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account
    WHEN (OLD.id, OLD.kind, OLD.owner, OLD.asset_id)
        IS NOT (NEW.id, NEW.kind, NEW.owner, NEW.asset_id)
    BEGIN SELECT RAISE(ABORT, 'ledger_account: UPDATE is refused'); END
    """,
    f"""
    CREATE TRIGGER ledger_account_opened_empty BEFORE INSERT ON ledger_account
    WHEN NEW.balance <> '{ZERO}'
        OR EXISTS (
            SELECT 1 FROM ledger_account a
            WHERE a.id = NEW.id OR (a.owner = NEW.owner AND a.kind = NEW.kind
                AND a.asset_id = NEW.asset_id)
        )
    BEGIN SELECT RAISE(ABORT, 'ledger_account: INSERT is refused'); END
    """,
    """
    CREATE TRIGGER ledger_asset_not_replaced BEFORE INSERT ON ledger_asset
    WHEN EXISTS (SELECT 1 FROM ledger_asset WHERE symbol = NEW.symbol)
    BEGIN SELECT RAISE(ABORT, 'ledger_asset: it stands already'); END
    """,
]

SQLITE_BACK = [
    f"DROP TRIGGER {name}"
    for name in (
        "ledger_asset_not_replaced",
        "ledger_account_opened_empty",
        "ledger_account_fixed",
        "ledger_posting_not_late",
        "ledger_transfer_sealed",
        "ledger_posting_no_update",
        "ledger_posting_no_delete",
        "ledger_transfer_no_update",
        "ledger_transfer_no_delete",
        "ledger_asset_no_update",
        "ledger_asset_no_delete",
    )
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

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
