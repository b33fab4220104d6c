"""What the database itself refuses, whoever asks."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from assay.protocol.money import MAX_UNITS
from ledger.models import Account, AccountKind, Asset, Posting, Transfer
from tests.ledger.book import NOON, issuance, issue, pay, units_of, wallet

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def payment():
    issue("alice", 100)
    return pay("alice", "bob", 60)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Transfer.objects.update(memo="forged"),
        lambda: Transfer.objects.update(recorded_at=NOON),
        lambda: Posting.objects.update(amount=1),
        lambda: Posting.objects.filter(amount=60).update(account=wallet("charlie")),
        lambda: Posting.objects.all()._raw_delete("default"),
        lambda: Transfer.objects.all()._raw_delete("default"),
        lambda: Asset.objects.update(decimals=3),
        lambda: Account.objects.filter(owner="alice").update(owner="charlie"),
        lambda: Account.objects.filter(owner="alice").update(kind="issuance"),
    ],
)
def test_what_was_recorded_is_never_changed_or_deleted(payment, change):
    with pytest.raises(IntegrityError, match="is refused"), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "table", ["ledger_posting", "ledger_transfer", "ledger_asset", "ledger_account"]
)
def test_no_table_of_the_book_can_be_emptied_at_once(payment, table):
    # SQLite has no TRUNCATE; its shortcut for DELETE without WHERE is the same.
    on_sqlite = connection.vendor == "sqlite"
    sql = f"DELETE FROM {table}" if on_sqlite else f"TRUNCATE {table} CASCADE"
    connection.check_constraints()  # none pending, or PostgreSQL refuses for that

    with pytest.raises(IntegrityError):
        _commit(lambda: _execute(sql))

    assert units_of("bob") == 60


def test_a_row_cannot_be_replaced(payment):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has REPLACE, which deletes without a trigger")

    for table in ("ledger_posting", "ledger_transfer", "ledger_asset"):
        with pytest.raises(IntegrityError), transaction.atomic():
            _execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    with pytest.raises(IntegrityError), transaction.atomic():
        _execute(
            "INSERT OR REPLACE INTO ledger_account"
            " (id, kind, owner, balance, held, stripe, asset_id)"
            " SELECT id, kind, owner, 0, 0, stripe, asset_id FROM ledger_account"
        )


def test_a_posting_cannot_join_a_transfer_that_stands(payment):
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        _posting(payment.pk, wallet("charlie"), 5)


def test_a_posting_without_a_transfer_is_refused_at_commit():
    with pytest.raises(IntegrityError):
        _commit(lambda: _posting(uuid4(), issuance(), -5))


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([], "fewer than two postings"),
        ([-5], "fewer than two postings"),
        ([-5, 4], "do not sum to zero"),
        ([-(2**100) - 1, 2**100], "do not sum to zero"),
    ],
)
def test_a_transfer_that_does_not_balance_cannot_be_sealed(amounts, reason):
    accounts = [issuance(), wallet("alice")]

    with pytest.raises(IntegrityError, match=reason), transaction.atomic():
        _seal(zip(accounts, amounts, strict=False))


def test_two_assets_cannot_balance_each_other():
    Asset.objects.create(symbol="EUR", decimals=2)

    with pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        _seal([(issuance(), -5), (issuance("EUR"), 5)])


def test_a_transfer_whose_balances_did_not_move_cannot_be_sealed():
    entries = [(issuance(), -5), (wallet("alice"), 5)]

    with pytest.raises(IntegrityError, match="did not move"), transaction.atomic():
        _seal(entries, moves=False)


def test_a_reversal_that_is_no_mirror_cannot_be_sealed(payment):
    with pytest.raises(IntegrityError, match="not the mirror"), transaction.atomic():
        _seal([(wallet("bob"), -59), (wallet("alice"), 59)], reverses=payment)


def test_a_balanced_transfer_can_be_sealed():
    _seal([(issuance(), -5), (wallet("alice"), 5)])

    assert units_of("alice") == 5


def test_a_posting_of_nothing_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        _posting(uuid4(), issuance(), 0)


def test_one_account_cannot_stand_twice_in_a_transfer():
    same = uuid4()
    rows = [_row(same, issuance(), 5), _row(same, issuance(), -5)]

    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.bulk_create(rows)


@pytest.mark.parametrize("units", [-1, -MAX_UNITS])
def test_a_balance_below_zero_is_refused(units):
    alice = issue("alice", 5)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=alice.pk).update(balance=units)


def test_an_account_opens_empty():
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(
            kind=AccountKind.WALLET, owner="alice", asset_id="AST", balance=5
        )


def test_an_unknown_kind_of_account_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(kind="purse", owner="alice", asset_id="AST")


def test_a_key_is_used_once_by_a_caller(payment):
    with pytest.raises(IntegrityError), transaction.atomic():
        _seal(
            [(issuance(), -5), (wallet("alice"), 5)],
            caller=payment.caller,
            key=payment.key,
        )


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_undone_and_done_again():
    _migrate("0001_initial")
    Transfer.objects.all()._raw_delete("default")
    # Everything that stands on the ledger went with it, and comes again.
    call_command("migrate", verbosity=0)

    with pytest.raises(DatabaseError, match="fewer than two"), transaction.atomic():
        _seal([])


def _migrate(name):
    call_command("migrate", "ledger", name, verbosity=0)


def _commit(change):
    """What a commit would do, inside the test's own transaction."""
    with transaction.atomic():
        change()
        connection.check_constraints()


def _execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _row(transfer, account, amount):
    after = account.balance + amount
    return Posting(
        transfer_id=transfer, account=account, amount=amount, balance_after=after
    )


def _posting(transfer, account, amount):
    return Posting.objects.bulk_create([_row(transfer, account, amount)])[0]


def _seal(entries, *, moves=True, **fields):
    """What ``post`` writes, without its checks."""
    transfer, seq = uuid4(), 0
    for account, amount in entries:
        seq = _posting(transfer, account, amount).pk
        if moves:
            rows = Account.objects.filter(pk=account.pk)
            rows.update(balance=account.balance + amount)
    row = {"caller": "test", "key": str(transfer), "kind": "payment", **fields}
    Transfer.objects.create(id=transfer, seq=seq, recorded_at=NOON, **row)
