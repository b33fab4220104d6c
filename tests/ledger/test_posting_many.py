"""Many transfers at once are what they would be one after another."""

import time
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, InsufficientFunds, Invalid, Refusal
from ledger.models import Account, Posting, Transfer
from ledger.requests import request_digest
from ledger.services import Entry, Request, post, post_many
from ledger.verification import verify
from ledger.writing import FEW
from tests.ledger.book import NOON, issue, transfer, units_of, wallet

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OWNERS = ["alice", "bob", "charlie"]


def _request(payer, payee, units, key=None):
    return Request(
        caller="test",
        key=key or str(uuid4()),
        kind="payment",
        entries=(Entry(wallet(payer), -units), Entry(wallet(payee), units)),
        reference="competition:1",
        memo="",
        recorded_at=NOON,
    )


def _post_many(*requests):
    with transaction.atomic():
        return post_many(requests=requests)


def _broken():
    return [check.name for check in verify() if not check.ok]


def test_transfers_at_once_move_money_in_their_order():
    issue("alice", 10)

    made = _post_many(
        _request("alice", "bob", 10),
        _request("bob", "charlie", 7),
        _request("charlie", "alice", 2),
    )

    assert [units_of(owner) for owner in OWNERS] == [2, 3, 5]
    assert [one.seq for one in made] == sorted(one.seq for one in made)
    assert list(Transfer.objects.filter(pk__in=[m.pk for m in made])) == made
    assert _broken() == []


def test_money_that_comes_later_in_the_batch_cannot_be_spent_before():
    issue("alice", 10)

    with pytest.raises(InsufficientFunds) as refused:
        _post_many(_request("bob", "charlie", 7), _request("alice", "bob", 10))

    assert refused.value.sentence == "The wallet holds 0 AST, and 0.07 are needed."
    assert Transfer.objects.count() == 1
    assert units_of("alice") == 10


def test_one_refusal_undoes_the_batch_and_leaves_the_transaction_usable():
    issue("alice", 10)

    with transaction.atomic():
        with pytest.raises(InsufficientFunds):
            post_many(
                requests=[_request("alice", "bob", 10), _request("alice", "bob", 1)]
            )
        post_many(requests=[_request("alice", "bob", 4)])

    assert units_of("bob") == 4


def test_a_request_that_was_carried_out_before_is_answered_and_the_rest_is_done():
    issue("alice", 10)
    (first,) = _post_many(_request("alice", "bob", 4, key="a"))

    again = _post_many(
        _request("alice", "bob", 5, key="b"), _request("alice", "bob", 4, key="a")
    )

    assert again[1] == first
    assert [one.key for one in again] == ["b", "a"]
    assert units_of("bob") == 9


def test_a_batch_repeated_is_answered_alike_and_moves_nothing():
    issue("alice", 10)
    requests = [_request("alice", "bob", 2, key=str(n)) for n in range(5)]

    assert _post_many(*requests) == _post_many(*requests)
    assert units_of("bob") == 10


def test_a_key_of_another_request_refuses_the_batch():
    issue("alice", 10)
    _post_many(_request("alice", "bob", 4, key="a"))

    with pytest.raises(Conflict) as refused:
        _post_many(
            _request("alice", "bob", 1, key="b"), _request("alice", "bob", 5, key="a")
        )

    assert refused.value.code == "idempotency_key_reused"
    assert units_of("bob") == 4


def test_a_key_stands_once_in_a_batch():
    issue("alice", 10)

    with pytest.raises(Invalid) as refused:
        _post_many(*[_request("alice", "bob", 1, key="a")] * 2)

    assert refused.value.code == "transfer_key_twice"


def test_no_requests_are_no_transfers():
    assert _post_many() == []


def test_a_batch_takes_few_statements(django_assert_max_num_queries):
    issue("alice", 1000)
    requests = [_request("alice", "bob", 1) for _ in range(300)]

    with django_assert_max_num_queries(12):
        _post_many(*requests)

    assert units_of("bob") == 300


def test_ten_thousand_payees_are_paid_by_one_transfer_in_seconds():
    """The benchmark holds it to one second; a busy machine is given more here."""
    payees = Account.objects.bulk_create(
        Account(kind="wallet", owner=f"user:{n}", asset_id="AST") for n in range(10_000)
    )
    alice = issue("alice", 10_000)

    started = time.perf_counter()
    made = transfer((alice, -10_000), *((payee, 1) for payee in payees))
    spent = time.perf_counter() - started

    assert made.postings.count() == 10_001
    assert spent < 10
    assert _broken() == []


MOVES = st.lists(
    st.tuples(
        st.sampled_from(OWNERS), st.sampled_from(OWNERS), st.integers(1, 60)
    ).filter(lambda move: move[0] != move[1]),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES)
def test_a_batch_is_the_same_as_its_transfers_one_by_one(moves):
    with transaction.atomic():
        for owner in OWNERS:
            issue(owner, 50)
        requests = [_request(*move) for move in moves]

        at_once = _outcome(lambda: post_many(requests=requests))
        one_by_one = _outcome(lambda: [_post_one(one) for one in requests])

        assert at_once == one_by_one
        transaction.set_rollback(True)


def _outcome(post_all):
    """The refusal and the balances after it, all undone again."""
    refusal = ""
    with transaction.atomic():
        try:
            post_all()
        except Refusal as refused:
            refusal = refused.sentence
        balances = [] if refusal else [units_of(owner) for owner in OWNERS]
        assert refusal or _broken() == []
        transaction.set_rollback(True)
    return refusal, balances


def _post_one(request):
    return post(
        caller=request.caller,
        key=request.key,
        kind=request.kind,
        entries=request.entries,
        reference=request.reference,
        memo=request.memo,
        now=request.recorded_at,
    )


@given(
    kind=st.text(max_size=40),
    memo=st.text(max_size=60),
    amounts=st.dictionaries(st.uuids(), st.integers(), max_size=5),
    reverses=st.none() | st.uuids(),
)
def test_a_requests_digest_is_the_canonical_one(kind, memo, amounts, reverses):
    content = {
        "kind": kind,
        "amounts": {str(account): str(units) for account, units in amounts.items()},
        "reference": "",
        "memo": memo,
        "reverses": str(reverses) if reverses else None,
    }

    assert digest(content) == request_digest(
        kind=kind, amounts=amounts, reference="", memo=memo, reverses=reverses
    )


def test_a_row_that_lies_about_the_balance_before_cannot_be_sealed_in_a_batch():
    alice, bob = issue("alice", 10), wallet("bob")
    rows = [
        Posting(transfer_id=uuid4(), account=alice, amount=-1, balance_after=8),
        Posting(transfer_id=uuid4(), account=bob, amount=1, balance_after=1),
    ]
    rows[1].transfer_id = rows[0].transfer_id
    made = Transfer(
        id=rows[0].transfer_id, seq=10**9, caller="t", key="k", recorded_at=NOON
    )

    def lie():
        Posting.objects.bulk_create(rows)
        Account.objects.filter(pk=alice.pk).update(balance=8)
        Account.objects.filter(pk=bob.pk).update(balance=1)
        made.save(force_insert=True)

    with pytest.raises(IntegrityError, match="did not move"), transaction.atomic():
        lie()


@pytest.mark.parametrize("payees", [1, FEW - 1, FEW, FEW + 30])
def test_a_transfer_of_any_width_moves_the_same(payees):
    issue("alice", 1000)
    before = Posting.objects.count()
    accounts = [wallet(f"payee:{n}") for n in range(payees)]
    parts = [(wallet("alice"), -payees), *((one, 1) for one in accounts)]

    made = transfer(*parts)

    rows = list(made.postings.all())
    assert [(row.account, row.amount) for row in rows] == parts
    assert made.seq == rows[0].pk
    assert Posting.objects.count() == before + payees + 1
    assert units_of("alice") == 1000 - payees
    assert {units_of(f"payee:{n}") for n in range(payees)} == {1}
    assert _broken() == []


def test_a_single_transfer_is_among_the_logged_queries():
    issue("alice", 10)
    entries = (Entry(wallet("alice"), -1), Entry(wallet("bob"), 1))

    with CaptureQueriesContext(connection) as queries:
        transfer(*((entry.account, entry.amount) for entry in entries))

    assert any("ledger_" in query["sql"] for query in queries)
