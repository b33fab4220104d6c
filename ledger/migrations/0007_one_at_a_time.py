"""A function of its own for a single transfer, which most are.

SQLite has no part in this: its triggers and statements stay as they are.
"""

from importlib import import_module

from django.db import migrations

before = import_module("ledger.migrations.0004_posting_in_the_database")
PLANS = before.PLANS

# A free stripe that has enough is taken without waiting. Who has to wait for one is
# told of another that should get a share, so that the next need not wait; ``sharing``
# says whether there is a place for that posting. The stripes named are locked.
TAKE_STRIPE = f"""
    CREATE FUNCTION ledger_take_stripe(
        hot uuid, need numeric, sharing boolean,
        OUT taken uuid, OUT other uuid, OUT share numeric
    ) LANGUAGE plpgsql {PLANS} AS $$
    DECLARE
        free numeric;
    BEGIN
        SELECT id INTO taken FROM ledger_account
            WHERE (id = hot OR whole_id = hot) AND balance - held >= need
            ORDER BY CASE WHEN need > 0 THEN held - balance ELSE balance END
            LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT id INTO taken FROM ledger_account
            WHERE (id = hot OR whole_id = hot) AND balance - held >= need
            ORDER BY random() LIMIT 1;
        SELECT balance - held INTO free FROM ledger_account
            WHERE id = taken AND balance - held >= need
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE no_data_found;
        END IF;
        IF need > 0 AND sharing THEN
            SELECT id, div(free - need - balance + held, 2)
                INTO other, share FROM ledger_account
                WHERE (id = hot OR whole_id = hot) AND id <> taken
                ORDER BY balance - held LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
            IF share <= 0 THEN
                other := NULL;
            END IF;
        END IF;
    END $$
"""

# Locks as ``ledger_post`` does: plain accounts by id, then of each hot one, by id too,
# what its stripe takes. What cannot be is undone by the exception, which also gives the
# locks back: whoever looks for the reason takes them in the common order again.
POST_ONE = """
    CREATE FUNCTION ledger_post_one(
        made uuid, caller text, key text, digest text, kind text, ref text, memo text,
        reversed uuid, recorded timestamptz,
        accounts uuid[], amounts numeric[], hot uuid[]
    ) RETURNS bigint LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
    DECLARE
        afters numeric[] := amounts;
        first bigint;
        stripe record;
        one record;
        at integer;
        there integer := 0;
    BEGIN
        IF cardinality(hot) > 0 THEN
            PERFORM FROM ledger_account
                WHERE id = ANY (accounts) AND id <> ALL (hot)
                ORDER BY id FOR NO KEY UPDATE;
            FOR n IN 1 .. cardinality(hot) LOOP
                at := array_position(accounts, hot[n]);
                stripe := ledger_take_stripe(hot[n], greatest(0, -amounts[at]), true);
                accounts[at] := stripe.taken;
                IF stripe.other IS NOT NULL THEN
                    amounts[at] := amounts[at] - stripe.share;
                    accounts := accounts || stripe.other;
                    amounts := amounts || stripe.share;
                END IF;
            END LOOP;
        END IF;
        FOR one IN
            SELECT a.id, a.balance, a.held, a.kind FROM ledger_account a
            WHERE a.id = ANY (accounts) ORDER BY a.id FOR NO KEY UPDATE
        LOOP
            at := array_position(accounts, one.id);
            afters[at] := one.balance + amounts[at];
            IF amounts[at] < 0 AND afters[at] < one.held AND one.kind <> 'issuance' THEN
                RAISE no_data_found;
            END IF;
            there := there + 1;
        END LOOP;
        IF there <> cardinality(accounts) THEN
            RAISE no_data_found;
        END IF;
        first := nextval('ledger_posting_id_seq');
        INSERT INTO ledger_posting (id, transfer_id, account_id, amount, balance_after)
            SELECT
                CASE m.place WHEN 1 THEN first
                    ELSE nextval('ledger_posting_id_seq') END,
                made, m.account, m.amount, m.after
            FROM unnest(accounts, amounts, afters)
                WITH ORDINALITY AS m(account, amount, after, place);
        UPDATE ledger_account a SET balance = m.after
            FROM unnest(accounts, afters) AS m(account, after) WHERE a.id = m.account;
        INSERT INTO ledger_transfer (
            id, seq, caller, key, request_digest, kind, reference, memo, reverses_id,
            recorded_at
        ) VALUES (
            made, first, caller, key, digest, kind, ref, memo, reversed, recorded
        );
        RETURN first;
    EXCEPTION
        WHEN no_data_found OR unique_violation OR check_violation
            OR numeric_value_out_of_range
        THEN RETURN NULL;
    END $$
"""

# As before, but whether a reversal is among them is seen in passing.
SEAL = f"""
    CREATE OR REPLACE FUNCTION ledger_seal_all() RETURNS trigger
    LANGUAGE plpgsql {PLANS} AS $$
    DECLARE
        wrong boolean;
        mirrors boolean;
    BEGIN
        SELECT bool_or(one.wrong), bool_or(one.mirrors) INTO wrong, mirrors FROM (
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
            ) AS wrong, bool_or(s.reverses_id IS NOT NULL) AS mirrors
            FROM sealed s
            LEFT JOIN ledger_posting p ON p.transfer_id = s.id
            LEFT JOIN ledger_account a ON a.id = p.account_id
            GROUP BY s.id, a.asset_id
        ) one;
        IF wrong THEN
            PERFORM ledger_refuse_seal(array_agg(s.id)) FROM sealed s;
        END IF;
        IF mirrors AND EXISTS (
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

# What ``ledger_post`` did itself to choose a stripe, it now leaves to the same function.
# It shares only for a single transfer: the moves of a batch are divided by their parts.
CHOOSE = """
        FOR n IN 1 .. cardinality(hot) LOOP
            SELECT * INTO taken, other, share
                FROM ledger_take_stripe(hot[n], needs[n], cardinality(ids) = 1);
            IF other IS NOT NULL THEN
                at := array_position(accounts, hot[n]);
                amounts[at] := amounts[at] - share;
                parts := parts || 1;
                accounts := accounts || other;
                amounts := amounts || share;
            END IF;
            accounts := array_replace(accounts, hot[n], taken);
        END LOOP;
"""


def _choosing():
    head, _, rest = before.POST.partition("\n        FOR n IN 1 .. cardinality(hot) LOOP")
    _, end, tail = rest.partition("\n        END LOOP;\n")
    if not end:
        raise ValueError("ledger_post is not as this migration knows it")
    return (head + CHOOSE + tail).replace("        free numeric;\n", "")


def _replacing(statement):
    return statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


POSTGRESQL = [TAKE_STRIPE, POST_ONE, _replacing(_choosing()), SEAL]
POSTGRESQL_BACK = [
    _replacing(before.SEAL),
    _replacing(before.POST),
    "DROP FUNCTION ledger_post_one",
    "DROP FUNCTION ledger_take_stripe",
]


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL_BACK:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [("ledger", "0006_transfers_by_time")]

    operations = [migrations.RunPython(add, remove)]
