"""Postings made in the database, whole batches sealed at once, accounts in stripes.

SQLite rebuilds ``ledger_account`` for this, and refuses to while a trigger speaks of
it: those triggers go first and are made again at the end.
"""

import django.db.models.deletion
from django.db import migrations, models
from importlib import import_module

before = import_module("ledger.migrations.0003_holds")
ZERO = before.ZERO

# These functions are called with two postings and with a hundred thousand, and their
# plans are kept: whatever the tables' statistics say, each row is found by its index.
PLANS = """
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off
"""

SEAL = f"""
    CREATE FUNCTION ledger_seal_all() RETURNS trigger LANGUAGE plpgsql {PLANS} AS $$
    BEGIN
        IF (
            SELECT bool_or(one.wrong) FROM (
                SELECT count(p.id) < 2 OR sum(p.amount) <> 0 OR bool_or(
                    p.balance_after <> p.amount + coalesce((
                        SELECT q.balance_after FROM ledger_posting q
                        WHERE q.account_id = p.account_id AND q.id < p.id
                        ORDER BY q.id DESC LIMIT 1
                    ), 0)
                    OR (a.balance <> p.balance_after AND NOT EXISTS (
                        SELECT FROM ledger_posting q
                        WHERE q.account_id = p.account_id AND q.id > p.id
                    ))
                ) AS wrong
                FROM sealed s
                LEFT JOIN ledger_posting p ON p.transfer_id = s.id
                LEFT JOIN ledger_account a ON a.id = p.account_id
                GROUP BY s.id, a.asset_id
            ) one
        ) THEN
            PERFORM ledger_refuse_seal(array_agg(s.id)) FROM sealed s;
        END IF;
        IF EXISTS (
            SELECT FROM sealed s
            JOIN ledger_posting p ON p.transfer_id IN (s.id, s.reverses_id)
            JOIN ledger_account a ON a.id = p.account_id
            WHERE s.reverses_id IS NOT NULL
            GROUP BY s.id, coalesce(a.whole_id, a.id) HAVING sum(p.amount) <> 0
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_transfer: not the mirror of what it reverses';
        END IF;
        RETURN NULL;
    END $$
"""

REFUSE_SEAL = """
    CREATE FUNCTION ledger_refuse_seal(transfers uuid[]) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE reason text := 'a balance did not move with it';
    BEGIN
        IF EXISTS (
            SELECT FROM unnest(transfers) t(id)
            LEFT JOIN ledger_posting p ON p.transfer_id = t.id
            GROUP BY t.id HAVING count(p.id) < 2
        ) THEN
            reason := 'fewer than two postings';
        ELSIF EXISTS (
            SELECT FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
            WHERE p.transfer_id = ANY (transfers)
            GROUP BY p.transfer_id, a.asset_id HAVING sum(p.amount) <> 0
        ) THEN
            reason := 'postings do not sum to zero';
        END IF;
        RAISE integrity_constraint_violation
            USING MESSAGE = format('ledger_transfer: %s', reason);
    END $$
"""

# Locks in one order that all share: plain accounts by id, then one stripe of each hot
# account, hot accounts by id. A free stripe is taken without waiting; who has to wait
# for one leaves half of its money on another, so that the next need not.
#
# The answer is NULL when nothing was written: a key that is known, money that is
# missing, a bound that is met. The caller then looks for itself, under locks.
POST = f"""
    CREATE FUNCTION ledger_post(
        ids uuid[], callers text[], keys text[], digests text[], kinds text[],
        refs text[], memos text[], reversed uuid[], times timestamptz[],
        parts integer[], accounts uuid[], amounts numeric[],
        hot uuid[], needs numeric[]
    ) RETURNS bigint[] LANGUAGE plpgsql {PLANS} AS $$
    DECLARE
        seqs bigint[];
        taken uuid;
        other uuid;
        free numeric;
        share numeric;
        at integer;
    BEGIN
        PERFORM FROM ledger_account
            WHERE id = ANY (accounts) AND id <> ALL (hot)
            ORDER BY id FOR NO KEY UPDATE;
        FOR n IN 1 .. cardinality(hot) LOOP
            SELECT id INTO taken FROM ledger_account
                WHERE (id = hot[n] OR whole_id = hot[n]) AND balance - held >= needs[n]
                ORDER BY CASE WHEN needs[n] > 0 THEN held - balance ELSE balance END
                LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                SELECT id INTO taken FROM ledger_account
                    WHERE (id = hot[n] OR whole_id = hot[n])
                        AND balance - held >= needs[n]
                    ORDER BY random() LIMIT 1;
                SELECT balance - held INTO free FROM ledger_account
                    WHERE id = taken AND balance - held >= needs[n]
                    FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    RAISE no_data_found;
                END IF;
                IF needs[n] > 0 AND cardinality(ids) = 1 THEN
                    SELECT id, div(free - needs[n] - balance + held, 2)
                        INTO other, share FROM ledger_account
                        WHERE (id = hot[n] OR whole_id = hot[n]) AND id <> taken
                        ORDER BY balance - held LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
                    IF FOUND AND share > 0 THEN
                        at := array_position(accounts, hot[n]);
                        amounts[at] := amounts[at] - share;
                        accounts[at] := taken;
                        parts := parts || 1;
                        accounts := accounts || other;
                        amounts := amounts || share;
                        CONTINUE;
                    END IF;
                END IF;
            END IF;
            accounts := array_replace(accounts, hot[n], taken);
        END LOOP;
        WITH moves AS MATERIALIZED (
            SELECT m.part, m.place, m.account, m.amount, a.held, a.kind,
                a.balance + sum(m.amount) OVER (
                    PARTITION BY m.account ORDER BY m.part
                ) AS after
            FROM unnest(parts, accounts, amounts)
                WITH ORDINALITY AS m(part, account, amount, place)
            CROSS JOIN LATERAL (
                SELECT balance, held, kind FROM ledger_account
                WHERE id = m.account OFFSET 0
            ) a
        ), good AS MATERIALIZED (
            SELECT * FROM moves WHERE NOT EXISTS (
                SELECT FROM moves
                WHERE amount < 0 AND after < held AND kind <> 'issuance'
            )
        ), added AS (
            INSERT INTO ledger_posting (transfer_id, account_id, amount, balance_after)
            SELECT ids[part], account, amount, after FROM good ORDER BY place
            RETURNING id, transfer_id
        ), moved AS (
            UPDATE ledger_account a SET balance = last.after
            FROM (
                SELECT DISTINCT ON (account) account, after FROM good
                ORDER BY account, part DESC
            ) last
            WHERE a.id = last.account
        )
        SELECT array_agg(one.first ORDER BY one.first) INTO seqs FROM (
            SELECT min(id) AS first FROM added GROUP BY transfer_id
        ) one;
        IF seqs IS NULL THEN
            RAISE no_data_found;
        END IF;
        INSERT INTO ledger_transfer (
            id, seq, caller, key, request_digest, kind, reference, memo, reverses_id,
            recorded_at
        )
        SELECT * FROM unnest(
            ids, seqs, callers, keys, digests, kinds, refs, memos, reversed, times
        );
        RETURN seqs;
    EXCEPTION
        WHEN no_data_found OR unique_violation OR check_violation
            OR numeric_value_out_of_range
        THEN RETURN NULL;
    END $$
"""

LATE = f"""
    CREATE OR REPLACE FUNCTION ledger_refuse_late() RETURNS trigger
    LANGUAGE plpgsql {PLANS} AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT transfer_id FROM added) one
            JOIN ledger_transfer t ON t.id = one.transfer_id
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'ledger_posting: its transfer is sealed';
        END IF;
        RETURN NULL;
    END $$
"""

POSTGRESQL = [
    LATE,
    "DROP TRIGGER ledger_transfer_sealed ON ledger_transfer",
    "DROP FUNCTION ledger_seal",
    REFUSE_SEAL,
    SEAL,
    """
    CREATE TRIGGER ledger_transfer_sealed AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS sealed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_seal_all()
    """,
    POST,
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.kind, OLD.owner, OLD.asset_id, OLD.stripe, OLD.whole_id)
        IS DISTINCT FROM
        (NEW.id, NEW.kind, NEW.owner, NEW.asset_id, NEW.stripe, NEW.whole_id))
    EXECUTE FUNCTION ledger_refuse()
    """,
]

SQLITE = [
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
        WHERE p.transfer_id = NEW.id AND (
            p.balance_after <> amount_add(p.amount, coalesce((
                SELECT q.balance_after FROM ledger_posting q
                WHERE q.account_id = p.account_id AND q.id < p.id
                ORDER BY q.id DESC LIMIT 1
            ), '{ZERO}'))
            OR (a.balance <> p.balance_after AND NOT EXISTS (
                SELECT 1 FROM ledger_posting q
                WHERE q.account_id = p.account_id AND q.id > p.id
            ))
        );
        SELECT RAISE(ABORT, 'ledger_transfer: not the mirror of what it reverses')
        FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE NEW.reverses_id IS NOT NULL
            AND p.transfer_id IN (NEW.id, NEW.reverses_id)
        GROUP BY coalesce(a.whole_id, a.id) HAVING amount_sum(p.amount) <> '{ZERO}';
    END
    """,
    """
    CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account
    WHEN (OLD.id, OLD.kind, OLD.owner, OLD.asset_id, OLD.stripe, OLD.whole_id)
        IS NOT (NEW.id, NEW.kind, NEW.owner, NEW.asset_id, NEW.stripe, NEW.whole_id)
    BEGIN SELECT RAISE(ABORT, 'ledger_account: UPDATE is refused'); END
    """,
]

POSTGRESQL_BACK = [
    "DROP TRIGGER ledger_account_fixed ON ledger_account",
    "DROP FUNCTION ledger_post",
    "DROP TRIGGER ledger_transfer_sealed ON ledger_transfer",
    "DROP FUNCTION ledger_seal_all",
    "DROP FUNCTION ledger_refuse_seal",
]


def _named(statements, *names):
    """Those of the statements that make something of these names."""
    return [s for s in statements if any(f" {name} " in s or f" {name}()" in s for name in names)]


def lift(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    on = "" if vendor == "sqlite" else " ON ledger_account"
    statements = [f"DROP TRIGGER ledger_account_fixed{on}"]
    if vendor == "sqlite":
        statements += [
            "DROP TRIGGER ledger_account_opened_empty",
            "DROP TRIGGER ledger_transfer_sealed",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def put_back(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = _named(
            before.SQLITE, "ledger_account_fixed", "ledger_account_opened_empty"
        ) + _named(before.before.SQLITE, "TRIGGER ledger_transfer_sealed")
    else:
        statements = _named(before.POSTGRESQL, "ledger_account_fixed") + _named(
            before.before.POSTGRESQL,
            "CREATE FUNCTION ledger_seal",
            "CREATE TRIGGER ledger_transfer_sealed",
        )
    for statement in statements:
        schema_editor.execute(statement, params=None)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        opened = _named(before.SQLITE, "ledger_account_opened_empty")
        statements = SQLITE + opened
    else:
        statements = POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        lift(apps, schema_editor)
        return
    for statement in POSTGRESQL_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [("ledger", "0003_holds")]

    operations = [
        migrations.RunPython(lift, put_back),
        migrations.AddField(
            model_name="account",
            name="whole",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stripes",
                to="ledger.account",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(stripe=0, whole=None)
                | models.Q(stripe__gt=0, whole__isnull=False),
                name="account_stripe_of_a_whole",
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
