"""The book against a plain model of it, under any sequence of verbs."""

import itertools
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assay.protocol.errors import Conflict, InsufficientFunds
from ledger import statements
from ledger.models import Account
from ledger.services import ensure_asset, reverse
from ledger.verification import verify
from tests.ledger.book import NOON, issuance, transfer, wallet

OWNERS = ["alice", "bob", "charlie"]
owners = st.sampled_from(OWNERS)
amounts = st.integers(1, 10) | st.integers(2**127, 2**130)


class BookMachine(RuleBasedStateMachine):
    """Each example runs in a transaction that is rolled back at its end."""

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        ensure_asset("AST", 2)
        self.accounts = {name: wallet(name) for name in OWNERS}
        self.accounts["issuance"] = issuance()
        self.balances = Counter()
        self.history = {name: [] for name in self.accounts}
        self.requests = {}
        self.reversed = set()
        self.keys = map(str, itertools.count())

    def teardown(self):
        try:
            assert [check.name for check in verify() if not check.ok] == []
            for name, account in self.accounts.items():
                lines = statements.lines(account, limit=999)
                assert [line.amount for line in reversed(lines)] == self.history[name]
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    @rule(owner=owners, units=amounts)
    def issue(self, owner, units):
        self._transfer({"issuance": -units, owner: units})

    @rule(payer=owners, payees=st.dictionaries(owners, amounts, min_size=1))
    def pay(self, payer, payees):
        payees.pop(payer, None)
        if payees:
            self._transfer({payer: -sum(payees.values()), **payees})

    @precondition(lambda self: self.requests)
    @rule(pick=st.randoms(use_true_random=False))
    def repeat(self, pick):
        key = pick.choice(sorted(self.requests))
        content, made = self.requests[key]
        assert self._post(key, content) == made

    @precondition(lambda self: self.requests)
    @rule(pick=st.randoms(use_true_random=False), units=amounts)
    def reuse_a_key(self, pick, units):
        key = pick.choice(sorted(self.requests))
        content, _ = self.requests[key]
        other = {"issuance": -units, "bob": units}
        if other != content:
            with pytest.raises(Conflict):
                self._post(key, other)

    @precondition(lambda self: self.requests)
    @rule(pick=st.randoms(use_true_random=False))
    def reverse(self, pick):
        key = pick.choice(sorted(self.requests))
        content, made = self.requests[key]
        mirrored = {name: -units for name, units in content.items()}
        if key in self.reversed:
            with pytest.raises(Conflict):
                self._reverse(made)
        elif not self._affordable(mirrored):
            with pytest.raises(InsufficientFunds):
                self._reverse(made)
        else:
            self._reverse(made)
            self.reversed.add(key)
            self._apply(mirrored)

    @invariant()
    def balances_agree(self):
        kept = dict(Account.objects.values_list("pk", "balance"))
        for name, account in self.accounts.items():
            assert kept[account.pk] == self.balances[name]

    def _transfer(self, content):
        key = next(self.keys)
        if self._affordable(content):
            self.requests[key] = (content, self._post(key, content))
            self._apply(content)
        else:
            with pytest.raises(InsufficientFunds):
                self._post(key, content)

    def _affordable(self, content):
        return all(
            name == "issuance" or self.balances[name] + units >= 0
            for name, units in content.items()
        )

    def _apply(self, content):
        self.balances.update(content)
        for name, units in content.items():
            self.history[name].append(units)

    def _post(self, key, content):
        entries = [(self.accounts[name], units) for name, units in content.items()]
        return transfer(*entries, key=key)

    def _reverse(self, made):
        with transaction.atomic():
            return reverse(
                transfer=made,
                caller="test",
                key=f"undo {next(self.keys)}",
                memo="",
                now=NOON,
            )


@pytest.mark.database
@pytest.mark.django_db
def test_the_book_agrees_with_a_plain_model_of_it():
    run_state_machine_as_test(
        BookMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
