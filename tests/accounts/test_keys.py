"""Evaluators' keys: registered by whoever holds them, replaced, revoked."""

from datetime import datetime, timedelta

import pytest

from accounts import keys
from accounts.models import EvaluatorKey, User
from assay.protocol.errors import Conflict, Invalid, NotFound
from assay.protocol.receipts import key_claim
from assay.protocol.signatures import key_id, public_key, sign

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def register(operator: User, seed: bytes, now: datetime, replaces: str = "", **changes):
    public = public_key(seed)
    fields = {
        "operator": operator,
        "public": public,
        "signature": sign(seed, key_claim(public, replaces)),
        "replaces": replaces,
        "now": now,
    }
    return keys.register(**{**fields, **changes})


def test_a_key_counts_from_its_registration_on_and_twice_is_once(
    alice: User, now: datetime
):
    first = register(alice, OLD, now)
    again = register(alice, OLD, now + timedelta(days=1))

    assert (first, again.since) == (again, now)
    assert EvaluatorKey.objects.count() == 1


def test_only_who_holds_the_private_half_registers_a_key(alice: User, now: datetime):
    with pytest.raises(Invalid) as refused:
        register(alice, OLD, now, signature=sign(NEW, key_claim(public_key(OLD), "")))
    with pytest.raises(Invalid) as malformed:
        register(alice, OLD, now, public="short")

    assert refused.value.code == "evaluator_key_signature"
    assert malformed.value.code == "public_key_malformed"
    assert not EvaluatorKey.objects.exists()


def test_a_key_is_one_operators(alice: User, bob: User, now: datetime):
    register(alice, OLD, now)
    with pytest.raises(Conflict) as refused:
        register(bob, OLD, now)
    assert refused.value.code == "evaluator_key_taken"


def test_a_new_key_takes_the_place_of_the_old_one(alice: User, now: datetime):
    old = register(alice, OLD, now)
    later = now + timedelta(days=1)
    new = register(alice, NEW, later, replaces=old.key_id)

    old.refresh_from_db()
    assert (old.until, new.since, new.until) == (later, later, None)
    with pytest.raises(Conflict) as refused:
        register(alice, OLD, later)
    assert refused.value.code == "evaluator_key_ended"


def test_nobody_replaces_a_strangers_key(alice: User, bob: User, now: datetime):
    register(alice, OLD, now)
    with pytest.raises(NotFound) as refused:
        register(bob, NEW, now, replaces=key_id(public_key(OLD)))

    assert refused.value.code == "evaluator_key_not_found"
    assert not EvaluatorKey.objects.filter(operator=bob).exists()


def test_its_operator_or_staff_revokes_a_key_and_never_forward(
    alice: User, bob: User, now: datetime
):
    made = register(alice, OLD, now)
    lost, noticed = now + timedelta(days=1), now + timedelta(days=2)

    with pytest.raises(NotFound) as refused:
        keys.revoke(name=made.key_id, actor=bob, since=noticed, now=noticed)
    keys.revoke(name=made.key_id, actor=alice, since=noticed, now=noticed)
    bob.is_staff = True
    keys.revoke(name=made.key_id, actor=bob, since=lost, now=noticed)
    keys.revoke(name=made.key_id, actor=alice, since=noticed, now=noticed)

    made.refresh_from_db()
    assert (refused.value.code, made.revoked_at) == (
        "evaluator_key_not_found",
        lost,
    )


def test_a_revocation_is_of_a_key_and_of_a_moment_that_are_there(
    alice: User, now: datetime
):
    made = register(alice, OLD, now)
    with pytest.raises(Invalid) as future:
        keys.revoke(name=made.key_id, actor=alice, since=now + timedelta(1), now=now)
    with pytest.raises(NotFound):
        keys.revoke(name="ff" * 16, actor=alice, since=now, now=now)
    assert future.value.code == "evaluator_key_moment"
