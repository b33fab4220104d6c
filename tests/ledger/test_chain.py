"""The chain binds every transfer; an edit anywhere is found and named."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from assay.protocol import journal
from assay.protocol.canonical import digest
from ledger import chain
from ledger.models import Account, ChainLink, Posting, Sealing, Transfer
from ledger.tasks import seal
from ledger.verification import verify
from tests.ledger.book import NOON, issuance, issue, pay, wallet
from tests.services.guards import guards_lifted
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def payments(ast):
    """Four sealed transfers, and the floor above them."""
    issue("alice", 100)
    made = [pay("alice", "bob", units) for units in (10, 20, 30)]
    assert chain.seal() == 4
    chain.seal()
    return made


def _found():
    (check,) = [check for check in verify() if check.name == "chain"]
    return check.figures.get("examples", "")


def test_each_transfer_has_one_link_in_order(payments):
    links = list(ChainLink.objects.all())

    assert [link.number for link in links] == [1, 2, 3, 4]
    assert [link.transfer for link in links] == list(Transfer.objects.all())
    assert chain.seal() == 0
    assert _found() == ""


def test_the_heads_are_those_of_a_journal_of_the_digests(payments):
    links = list(ChainLink.objects.all())
    entries = [{"number": link.number, "digest": link.digest} for link in links]

    assert journal.check(entries, [link.head for link in links]) == chain.head().head
    assert chain.head().transfer == payments[-1].pk


def test_a_digest_is_that_of_the_canonical_content(payments):
    made = payments[0]
    parts = made.postings.select_related("account").order_by("id")

    content = {
        "id": str(made.pk),
        "seq": made.seq,
        "caller": "test",
        "key": made.key,
        "request_digest": made.request_digest,
        "kind": "payment",
        "reference": "competition:1",
        "memo": "",
        "reverses_id": None,
        "recorded_at": "2026-03-01T12:00:00.000000+00:00",
        "postings": [
            [
                part.pk,
                str(part.account_id),
                part.account.owner,
                "wallet",
                "AST",
                0,
                str(part.amount),
                str(part.balance_after),
            ]
            for part in parts
        ],
    }

    assert ChainLink.objects.get(transfer=made).digest == digest(content)


def test_an_empty_book_has_the_first_head(ast):
    assert chain.seal() == 0
    assert chain.head() == chain.Head(0, journal.GENESIS, None)


def test_the_clock_seals(ast):
    issue("alice", 100)

    seal()

    assert chain.head().number == 1


COLUMNS = {
    "seq": 10**9,
    "caller": "forged",
    "key": "forged",
    "request_digest": "0" * 64,
    "kind": "forged",
    "reference": "forged",
    "memo": "forged",
    "recorded_at": NOON + timedelta(microseconds=1),
}
PARTS = {"amount": 11, "balance_after": 11, "id": 10**9}


def test_every_column_is_tried_below():
    transfer = {field.name for field in Transfer._meta.concrete_fields}
    posting = {field.name for field in Posting._meta.concrete_fields}

    assert transfer == {*COLUMNS, "id", "reverses"}
    assert posting == {*PARTS, "transfer", "account"}


def _altered(payments, change):
    """What the chain says after a change behind the guards, which is undone again."""
    with transaction.atomic():
        with guards_lifted(connection):
            change(payments[0])
        found = _found()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edited_column_of_a_transfer_is_found(payments, column):
    def edit(made):
        Transfer.objects.filter(pk=made.pk).update(**{column: COLUMNS[column]})

    assert _altered(payments, edit) == f"{payments[0].pk} (altered)"


@pytest.mark.parametrize("column", PARTS)
def test_an_edited_column_of_a_posting_is_found(payments, column):
    def edit(made):
        rows = Posting.objects.filter(transfer=made, account=wallet("bob"))
        rows.update(**{column: PARTS[column]})

    assert _altered(payments, edit) == f"{payments[0].pk} (altered)"


def _redirect(made):
    rows = Posting.objects.filter(transfer=made, account=wallet("bob"))
    rows.update(account=wallet("charlie"))


def _move_posting(made):
    other = Transfer.objects.exclude(pk=made.pk).latest("seq")
    rows = Posting.objects.filter(transfer=made, account=wallet("alice"))
    Posting.objects.filter(transfer=other, account=wallet("alice")).update(
        transfer=uuid4()
    )
    rows.update(transfer=other)


def _reverse(made):
    other = Transfer.objects.exclude(pk=made.pk).latest("seq")
    Transfer.objects.filter(pk=made.pk).update(reverses=other)


def _add_posting(made):
    Posting.objects.bulk_create(
        [Posting(transfer=made, account=issuance(), amount=1, balance_after=1)]
    )


def _drop_posting(made):
    made.postings.filter(account=wallet("bob"))._raw_delete("default")


@pytest.mark.parametrize(
    "change", [_redirect, _move_posting, _reverse, _add_posting, _drop_posting]
)
def test_rows_that_were_moved_added_or_dropped_are_found(payments, change):
    assert f"{payments[0].pk} (altered)" in _altered(payments, change)


def test_a_deleted_transfer_is_found(payments):
    def drop(made):
        Posting.objects.filter(transfer=made)._raw_delete("default")
        Transfer.objects.filter(pk=made.pk)._raw_delete("default")

    assert _altered(payments, drop) == f"{payments[0].pk} (deleted)"


def test_a_deleted_transfer_is_found_though_its_link_went_too(payments):
    def drop(made):
        ChainLink.objects.filter(transfer=made)._raw_delete("default")
        Posting.objects.filter(transfer=made)._raw_delete("default")
        Transfer.objects.filter(pk=made.pk)._raw_delete("default")

    found = _altered(payments, drop)

    assert found == f"{payments[1].pk} (a link before it is missing)"


def test_a_transfer_that_was_slipped_in_is_found(payments):
    row = {"caller": "test", "key": "late", "kind": "payment", "recorded_at": NOON}
    made = Transfer(id=uuid4(), seq=payments[0].seq + 1, **row)

    found = _altered(payments, lambda _: made.save(force_insert=True))

    assert found == f"{made.pk} (no link)"


def test_links_cut_off_at_the_end_are_found(payments):
    def cut(_):
        ChainLink.objects.filter(number__gte=4)._raw_delete("default")

    assert _altered(payments, cut) == f"{payments[2].pk} (no link)"


def test_an_account_given_to_another_owner_is_found(payments):
    def give(_):
        Account.objects.filter(owner="bob").update(owner="charlie")

    found = _altered(payments, give)

    assert all(f"{made.pk} (altered)" in found for made in payments)


@pytest.mark.parametrize("column", ["digest", "head"])
def test_an_edited_link_is_found(payments, column):
    def edit(made):
        rows = ChainLink.objects.filter(transfer=made)
        rows.update(**{column: "0" * 64})

    assert str(payments[0].pk) in _altered(payments, edit)


@pytest.mark.parametrize(
    "change",
    [
        lambda: ChainLink.objects.update(head="0" * 64),
        lambda: ChainLink.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_keeps_links_as_they_were_made(payments, change):
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        change()


def test_several_sealers_at_once_make_one_chain(ast):
    issue("alice", 1000)
    for units in range(1, 30):
        pay("alice", "bob", units)

    at_once([chain.seal] * 4)
    chain.seal()

    assert ChainLink.objects.count() == Transfer.objects.count()
    assert _found() == ""


def test_a_transfer_committed_later_than_one_after_it_is_sealed_too(ast):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's writers take turns: what comes later has a higher seq")
    for owner in ("alice", "bob"):
        issue(owner, 100)
    wallet("charlie"), wallet("dora")
    drawn, sealed = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            made = pay("alice", "charlie", 1)
            drawn.set()
            assert sealed.wait(20)
        return made

    def early():
        assert drawn.wait(20)
        made = pay("bob", "dora", 1)
        for _ in range(3):
            chain.seal()
        floor = Sealing.objects.get().floor
        sealed.set()
        return made, floor

    first, (second, floor) = at_once([late, early])
    chain.seal()
    chain.seal()

    assert first.seq < second.seq
    assert floor < first.seq
    assert first.link.number > second.link.number
    assert Sealing.objects.get().floor == second.seq
    assert _found() == ""
