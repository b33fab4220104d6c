"""The book against a plain model of it: dictionaries, and additions.

Each walk runs in a transaction that is rolled back at its end.
"""

import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from assay.protocol.errors import Refusal
from ledger import chain, holds, services, statements
from ledger.models import Account, AccountKind, Hold, Transfer
from ledger.services import Entry, Request
from ledger.verification import verify
from tests.ledger.book import NOON
from tests.services.stepping import Walker

ACCOUNTS = {
    "alice": AccountKind.WALLET,
    "bob": AccountKind.WALLET,
    "charlie": AccountKind.WALLET,
    "escrow": AccountKind.ESCROW,
    "deposit": AccountKind.DEPOSIT,
    "fees": AccountKind.FEES,
    "budget": AccountKind.BUDGET,
    "pool": AccountKind.POOL,
    "issuance": AccountKind.ISSUANCE,
}
HOLDING = ["alice", "bob", "escrow", "deposit", "budget", "pool"]
names = st.sampled_from([name for name in ACCOUNTS if name != "issuance"])
amounts = st.integers(1, 10) | st.integers(1, 500) | st.integers(2**127, 2**130)
picks = st.integers(0, 10**6)
Content = dict[str, int]


@dataclass
class Held:
    """A hold as the model knows it; ``payees`` once it was captured."""

    row: Hold
    name: str
    amount: int
    key: str
    expires_at: object
    status: str = "open"
    payees: tuple[tuple[str, int], ...] = ()
    transfer: Transfer | None = None


@dataclass
class Made:
    """A transfer that was carried out."""

    key: str
    content: Content
    row: Transfer
    is_reversal: bool = False
    is_reversed: bool = False


class BookMachine(Walker):
    """All verbs of the book, on accounts of every kind."""

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        services.ensure_asset("AST", 2)
        self.accounts = {
            name: services.account(kind=kind, owner=name, asset="AST")
            for name, kind in ACCOUNTS.items()
        }
        if not Account.objects.filter(whole=self.accounts["pool"]).exists():
            services._open_stripes(self.accounts["pool"])  # SQLite's stand on one row
        self.rows = {
            name: Q(pk=one.pk) | Q(whole=one) for name, one in self.accounts.items()
        }
        self.wholes = {one.pk: name for name, one in self.accounts.items()}
        self.balances = Counter()
        self.history = {name: [] for name in ACCOUNTS}
        self.made: list[Made] = []
        self.holds: list[Held] = []
        self.now = NOON
        self.keys = map(str, itertools.count())
        for name in ACCOUNTS:
            if name != "issuance":
                self.transfer({"issuance": -200, name: 200})

    def teardown(self):
        try:
            chain.seal()
            assert [check for check in verify() if not check.ok] == []
            for name, account in self.accounts.items():
                moved = [line.amount for line in statements.walk(account)]
                assert moved[::-1] == self.history[name]
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    # -- transfers

    @rule(payee=names, units=amounts)
    def issue(self, payee, units):
        self.transfer({"issuance": -units, payee: units})

    @rule(payer=names, payees=st.dictionaries(names, amounts, min_size=1, max_size=4))
    def pay(self, payer, payees):
        payees.pop(payer, None)
        if payees:
            self.transfer({payer: -sum(payees.values()), **payees})

    @rule(payer=names, payee=names)
    def pay_all_that_is_free(self, payer, payee):
        units = self.free(payer)
        if units and payer != payee:
            self.transfer({payer: -units, payee: units})

    @rule(
        payments=st.lists(st.tuples(names, names, amounts), min_size=1, max_size=5),
        repeats=st.booleans(),
        pick=picks,
    )
    def pay_many(self, payments, repeats, pick):
        contents = [{a: -units, b: units} for a, b, units in payments if a != b]
        requests = [self.request(next(self.keys), content) for content in contents]
        usual = [one for one in self.made if not one.is_reversal]
        known = usual[pick % len(usual)] if repeats and usual else None
        sent = (
            [*requests, self.request(known.key, known.content)] if known else requests
        )
        before = self.balances.copy()
        is_affordable = True
        for content in contents:
            is_affordable &= self.affords(content)
            self.balances.update(content)
        if is_affordable:
            answers = self.post_many(sent)
            assert known is None or answers[-1] == known.row
            for request, content, row in zip(requests, contents, answers, strict=False):
                self.remember(Made(request.key, content, row))
        else:
            self.balances = before
            self.refused("insufficient_funds", lambda: self.post_many(sent))

    @precondition(lambda self: self.made)
    @rule(pick=picks)
    def repeat(self, pick):
        one = self.made[pick % len(self.made)]
        if not one.is_reversal:
            assert self.post(one.key, one.content) == one.row

    @precondition(lambda self: self.made)
    @rule(pick=picks, units=amounts)
    def reuse_a_key(self, pick, units):
        one = self.made[pick % len(self.made)]
        other = {"issuance": -units, "bob": units}
        if other != one.content and not one.is_reversal:
            self.refused("idempotency_key_reused", lambda: self.post(one.key, other))

    @rule(name=names, units=amounts, other=names)
    def ask_for_no_transfer(self, name, units, other):
        account, key = self.accounts[name], next(self.keys)
        for code, entries in (
            ("transfer_account_twice", [Entry(account, -1), Entry(account, 1)]),
            ("transfer_one_sided", [Entry(account, units)]),
            (
                "transfer_unbalanced",
                [
                    Entry(self.accounts["issuance"], -units),
                    Entry(account, units + 1),
                ],
            ),
        ):
            self.refused(code, lambda entries=entries: self.post_entries(key, entries))

    @precondition(lambda self: self.made)
    @rule(pick=picks)
    def reverse(self, pick):
        one = self.made[pick % len(self.made)]
        mirrored = {name: -units for name, units in one.content.items()}
        key = f"undo {next(self.keys)}"
        if one.is_reversal:
            self.refused("reversal_is_final", lambda: self.undo(one.row, key))
        elif one.is_reversed:
            self.refused("transfer_already_reversed", lambda: self.undo(one.row, key))
        elif not self.affords(mirrored):
            self.refused("insufficient_funds", lambda: self.undo(one.row, key))
        else:
            row = self.undo(one.row, key)
            assert self.undo(one.row, key) == row
            one.is_reversed = True
            self.balances.update(mirrored)
            self.remember(Made(key, mirrored, row, is_reversal=True))

    # -- holds

    @rule(
        name=st.sampled_from(HOLDING),
        units=amounts | st.just(0),
        hours=st.none() | st.integers(1, 30),
    )
    def hold(self, name, units, hours):
        units = units or self.free(name)  # 0 stands for all that there is
        if not units:
            return
        key = next(self.keys)
        ends = None if hours is None else self.now + timedelta(hours=hours)
        if units > self.free(name):
            self.refused(
                "insufficient_funds", lambda: self.set_aside(key, name, units, ends)
            )
            return
        row = self.set_aside(key, name, units, ends)
        self.holds.append(Held(row, name, units, key, ends))

    @rule(name=st.sampled_from(["fees", "issuance"]))
    def hold_where_none_can_be(self, name):
        self.refused(
            "account_holds_nothing",
            lambda: self.set_aside(next(self.keys), name, 1, None),
        )

    @precondition(lambda self: self.holds)
    @rule(pick=picks)
    def repeat_a_hold(self, pick):
        one = self.pick(pick)
        assert self.set_aside(one.key, one.name, one.amount, None) == one.row
        self.refused(
            "idempotency_key_reused",
            lambda: self.set_aside(one.key, one.name, one.amount + 1, None),
        )

    @precondition(lambda self: self.holds)
    @rule(
        pick=picks,
        payees=st.lists(
            names | st.just("issuance"), min_size=1, max_size=3, unique=True
        ),
        percent=st.integers(0, 101),
    )
    def capture(self, pick, payees, percent):
        one = self.pick(pick)
        taken = one.amount * percent // 100 if percent <= 100 else one.amount + 1
        parts = [taken // len(payees)] * len(payees)
        parts[0] += taken - sum(parts)
        paid = tuple(zip(payees, parts, strict=True))
        code = self.refusal_of_capture(one, paid)
        if code:
            self.refused(code, lambda: self.spend(one, paid))
            return
        row = self.spend(one, paid)
        if one.status == "captured":
            assert row == one.transfer
            return
        one.status, one.payees, one.transfer = "captured", paid, row
        content = {one.name: -taken, **dict(paid)}
        self.balances.update(content)
        self.remember(Made("", content, row, is_reversal=False))
        self.made.pop()  # its key is the hold's: it is repeated by capturing again

    def refusal_of_capture(self, one, paid):
        taken = sum(part for _, part in paid)
        if not all(part for _, part in paid) or taken > one.amount:
            return "hold_capture_amount"
        is_over = one.expires_at is not None and one.expires_at <= self.now
        if one.status in {"released", "expired"} or (one.status == "open" and is_over):
            return "hold_closed"
        if one.name in dict(paid):
            return "transfer_account_twice"
        if one.status == "captured" and dict(paid) != dict(one.payees):
            return "idempotency_key_reused"
        return None

    @precondition(lambda self: self.holds)
    @rule(pick=picks)
    def release(self, pick):
        one = self.pick(pick)
        if one.status == "captured":
            self.refused("hold_captured", lambda: self.give_free(one))
            return
        self.give_free(one)
        if one.status == "open":
            one.status = "released"

    @rule(hours=st.integers(1, 20))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        due = [
            one
            for one in self.holds
            if one.status == "open" and one.expires_at and one.expires_at <= self.now
        ]
        assert holds.expire_due(now=self.now) == len(due)
        assert holds.expire_due(now=self.now) == 0
        for one in due:
            one.status = "expired"

    @rule()
    def seal(self):
        chain.seal()

    # -- what must be so after every step

    @invariant()
    def balances_agree(self):
        balances, held = Counter(), Counter()
        for pk, whole, *units in Account.objects.values_list(
            "pk", "whole", "balance", "held"
        ):
            name = self.wholes.get(whole or pk)
            balances[name] += units[0]
            held[name] += units[1]
            assert units[0] >= units[1] >= 0 or name == "issuance"
        assert {name: balances[name] for name in ACCOUNTS} == {
            name: self.balances[name] for name in ACCOUNTS
        }
        assert {name: held[name] for name in ACCOUNTS} == {
            name: self.held(name) for name in ACCOUNTS
        }
        assert sum(balances.values()) == 0

    @invariant()
    def holds_agree(self):
        found = dict(Hold.objects.values_list("pk", "status"))
        assert found == {one.row.pk: one.status for one in self.holds}

    # -- the model

    def held(self, name):
        return sum(
            one.amount
            for one in self.holds
            if one.name == name and one.status == "open"
        )

    def free(self, name):
        return self.balances[name] - self.held(name)

    def affords(self, content):
        return all(
            name == "issuance" or units > 0 or self.free(name) + units >= 0
            for name, units in content.items()
        )

    def pick(self, number):
        return self.holds[number % len(self.holds)]

    def remember(self, made):
        self.made.append(made)
        for name, units in made.content.items():
            self.history[name].append(units)

    def transfer(self, content):
        key = next(self.keys)
        if self.affords(content):
            row = self.post(key, content)
            self.balances.update(content)
            self.remember(Made(key, content, row))
        else:
            self.refused("insufficient_funds", lambda: self.post(key, content))

    # -- the verbs, each in a transaction of its own

    def refused(self, code, call):
        with pytest.raises(Refusal) as refusal:
            call()
        assert refusal.value.code == code

    def request(self, key, content):
        return Request(
            caller="test",
            key=key,
            kind="payment",
            entries=tuple(
                Entry(self.accounts[n], units) for n, units in content.items()
            ),
            reference="competition:1",
            memo="",
            recorded_at=self.now,
        )

    def post(self, key, content):
        entries = [Entry(self.accounts[n], units) for n, units in content.items()]
        return self.post_entries(key, entries)

    def post_entries(self, key, entries):
        with transaction.atomic():
            return services.post(
                caller="test",
                key=key,
                kind="payment",
                entries=entries,
                reference="competition:1",
                memo="",
                now=self.now,
            )

    def post_many(self, requests):
        with transaction.atomic():
            return services.post_many(requests=requests)

    def undo(self, row, key):
        with transaction.atomic():
            return services.reverse(
                transfer=row, caller="test", key=key, memo="", now=self.now
            )

    def set_aside(self, key, name, units, expires_at):
        with transaction.atomic():
            return holds.hold(
                caller="test",
                key=key,
                account=self.accounts[name],
                amount=units,
                reference="competition:1",
                memo="",
                expires_at=expires_at,
                now=self.now,
            )

    def spend(self, one, paid):
        if len(paid) == 1:
            ((name, units),) = paid
            payees = {"into": self.accounts[name], "amount": units}
        else:
            payees = {"entries_to": [Entry(self.accounts[n], part) for n, part in paid]}
        with transaction.atomic():
            return holds.capture(
                hold=one.row, kind="capture", memo="", now=self.now, **payees
            )

    def give_free(self, one):
        with transaction.atomic():
            holds.release(hold=one.row, now=self.now)
