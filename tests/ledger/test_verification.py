"""The verifier finds every breach that was made behind the guards' back."""

import json
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from ledger import chain
from ledger.holds import capture, hold
from ledger.invariants import INVARIANTS
from ledger.models import Account, Asset, ChainLink, Hold, Posting, Transfer
from ledger.services import reverse
from ledger.verification import verify
from tests.ledger.book import NOON, issuance, issue, pay, wallet
from tests.services.guards import guards_lifted

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def payment(ast):
    """A book with a payment and a reversal in it; what breaks it is rolled back."""
    issue("alice", 100)
    undone = pay("alice", "bob", 10)
    reverse(transfer=undone, caller="test", key="undo", memo="", now=NOON)
    with transaction.atomic():
        yield pay("alice", "bob", 60)
        transaction.set_rollback(True)


def _postings(payment, owner):
    return Posting.objects.filter(transfer=payment, account__owner=owner)


def _forge_amount(payment):
    _postings(payment, "bob").update(amount=61)


def _drop_posting(payment):
    _postings(payment, "bob")._raw_delete("default")


def _drop_transfer(payment):
    Transfer.objects.filter(pk=payment.pk)._raw_delete("default")


def _forge_balance(payment):
    Account.objects.filter(owner="bob").update(balance=61)


def _mint(payment):
    """A consistent forgery: balance, posting and statement agree."""
    _postings(payment, "bob").update(amount=61, balance_after=61)
    Account.objects.filter(owner="bob").update(balance=61)


def _redirect(payment):
    """The money went to another account, and all sums still hold."""
    _postings(payment, "bob").update(account=wallet("charlie"))
    Account.objects.filter(owner="bob").update(balance=0)
    Account.objects.filter(owner="charlie").update(balance=60)


def _overdraw(payment):
    if connection.vendor == "sqlite":
        _execute("PRAGMA ignore_check_constraints = ON")
    else:
        connection.check_constraints()  # ALTER TABLE wants none pending
        _execute("ALTER TABLE ledger_account DROP CONSTRAINT account_not_overdrawn")
    Account.objects.filter(owner="bob").update(balance=-1)


def _rewrite_statement(payment):
    _postings(payment, "bob").update(balance_after=59)


def _move_in_time(payment):
    Transfer.objects.filter(pk=payment.pk).update(seq=10**9)


def _loosen_stripe(payment):
    Account.objects.filter(owner="bob").update(stripe=1, whole=wallet("alice"))


def _break_chain(payment):
    chain.seal()
    ChainLink.objects.filter(transfer=payment).update(head="0" * 64)


def _rewrite_memo(payment):
    Transfer.objects.filter(pk=payment.pk).update(memo="forged")


def _forge_reversal(payment):
    """A transfer that calls itself the reversal of one it does not mirror."""
    other = pay("bob", "alice", 59)
    Transfer.objects.filter(pk=other.pk).update(reverses=payment)


def _forge_held(payment):
    Account.objects.filter(owner="bob").update(held=7)


def _hold_for_bob(key):
    return hold(
        caller="test",
        key=key,
        account=wallet("bob"),
        amount=5,
        reference="job:1",
        memo="",
        expires_at=None,
        now=NOON,
    )


def _forge_hold(payment):
    _hold_for_bob("h")
    Hold.objects.update(amount=6)


def _forge_captured(payment):
    made = _hold_for_bob("h")
    capture(hold=made, into=wallet("alice"), kind="fee", memo="", now=NOON)
    Hold.objects.update(captured=4)


def _record_emptiness(payment):
    row = {"caller": "test", "key": "empty", "kind": "none", "recorded_at": NOON}
    Transfer.objects.create(id=uuid4(), seq=10**9, **row)


@pytest.mark.parametrize(
    ("breach", "broken"),
    [
        (_forge_amount, {"balanced", "balances", "statements", "unaltered"}),
        (_drop_posting, {"balanced", "two_sided", "balances", "unaltered"}),
        (_drop_transfer, {"no_orphans"}),
        (_forge_balance, {"balances", "conserved"}),
        (_mint, {"balanced", "conserved", "unaltered"}),
        (_redirect, {"unaltered"}),
        (_overdraw, {"not_overdrawn", "balances", "conserved"}),
        (_loosen_stripe, {"stripes", "unaltered"}),
        (_break_chain, {"chain"}),
        (_forge_held, {"held"}),
        (_forge_hold, {"held"}),
        (_forge_captured, {"captured"}),
        (_rewrite_statement, {"statements"}),
        (_move_in_time, {"order"}),
        (_rewrite_memo, {"unaltered"}),
        (_forge_reversal, {"reversals", "unaltered"}),
        (_record_emptiness, {"two_sided", "unaltered"}),
    ],
)
def test_a_breach_is_found_and_named(payment, breach, broken):
    with guards_lifted(connection):
        breach(payment)

    try:
        checks = verify()
    finally:
        if connection.vendor == "sqlite":
            _execute("PRAGMA ignore_check_constraints = OFF")

    assert {check.name for check in checks if not check.ok} == broken
    assert all(check.figures["broken"] for check in checks if not check.ok)


def test_every_invariant_is_broken_by_one_of_the_breaches():
    (parameters,) = [
        mark.args[1]
        for mark in test_a_breach_is_found_and_named.pytestmark
        if mark.name == "parametrize"
    ]
    found = set().union(*(broken for _, broken in parameters))

    assert found | {"guards"} == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize("table", ["transfer", "posting"])
def test_a_missing_trigger_is_named(table):
    name = {"transfer": "sealed", "posting": "not_late"}[table]
    on_table = "" if connection.vendor == "sqlite" else f" ON ledger_{table}"
    _execute(f"DROP TRIGGER ledger_{table}_{name}{on_table}")

    guards = verify()[0]

    assert not guards.ok
    assert guards.figures == {"broken": 1, "examples": f"ledger_{table}_{name}"}


def test_a_sound_book_passes_and_its_figures_are_printed(capsys):
    call_command("verify_ledger")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(INVARIANTS)
    assert all(line.startswith("ok") for line in lines)
    assert "(broken 0, rows 4)" in next(line for line in lines if " balanced " in line)


def test_the_command_exits_non_zero_and_tells_machines_what_is_broken(payment, capsys):
    with guards_lifted(connection):
        _forge_balance(payment)

    with pytest.raises(CommandError, match=r"2 invariant\(s\): balances, conserved"):
        call_command("verify_ledger", "--json")

    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    bob = str(wallet("bob").pk)
    assert checks["balances"]["figures"] == {"broken": 1, "rows": 3, "examples": bob}
    assert checks["balanced"]["ok"]


def test_what_came_before_can_be_taken_on_trust(payment):
    later = pay("bob", "charlie", 5)
    chain.seal()
    with guards_lifted(connection):
        _rewrite_memo(payment)

    call_command("verify_ledger", "--since", str(later.seq))
    with pytest.raises(CommandError, match="unaltered, chain"):
        call_command("verify_ledger", "--since", str(payment.seq))
    with pytest.raises(CommandError, match="unaltered, chain"):
        call_command("verify_ledger", "--since", NOON.date().isoformat())
    call_command("verify_ledger", "--since", "2026-03-02")


@pytest.mark.parametrize(
    ("breach", "broken"),
    [
        (_forge_amount, {"balanced", "statements", "unaltered"}),
        (_drop_posting, {"balanced", "two_sided", "balances", "unaltered"}),
        (_drop_transfer, {"no_orphans"}),
        (_forge_balance, {"balances", "conserved"}),
        (_rewrite_statement, {"balances", "statements"}),
        (_move_in_time, {"order"}),
        (_forge_reversal, {"reversals", "unaltered"}),
    ],
)
def test_a_breach_since_then_is_found(payment, breach, broken):
    with guards_lifted(connection):
        breach(payment)

    checks = verify(since=payment.seq)

    assert {check.name for check in checks if not check.ok} == broken


def test_a_published_head_must_still_be_in_the_chain(payment, capsys):
    chain.seal()
    head = chain.head()
    pay("bob", "charlie", 5)
    chain.seal()

    call_command("verify_ledger", "--head", f"{head.number}:{head.head}")
    with pytest.raises(CommandError, match="published_head"):
        call_command("verify_ledger", "--head", f"{head.number + 1}:{head.head}")


@pytest.mark.parametrize(
    "option", [["--since", "yesterday"], ["--since", "-1"], ["--head", "1:xyz"]]
)
def test_an_option_that_cannot_be_read_is_refused(payment, option):
    with pytest.raises(CommandError):
        call_command("verify_ledger", *option)


def test_an_empty_book_passes(payment):
    with guards_lifted(connection):
        for model in (ChainLink, Hold, Posting, Transfer, Account, Asset):
            model.objects.all()._raw_delete("default")

    assert all(check.ok for check in verify())


def test_issuance_is_the_negative_of_all_else():
    assert issuance().balance == -100


def _execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
