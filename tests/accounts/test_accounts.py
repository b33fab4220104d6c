"""Handles, passwords and tokens: what is refused, and that no secret is kept."""

import hashlib
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ApiToken, User
from accounts.selectors import tokens_of
from accounts.services import (
    LAST_USED_STEP,
    authenticate_token,
    issue_token,
    revoke_token,
    sign_up,
)
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
)
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PASSWORD = "a quiet afternoon at the assay office"
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def refused(secret: str, now: datetime) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        authenticate_token(secret=secret, now=now)
    return refusal.value.code


@pytest.mark.parametrize("handle", ["a", "alice-2", "0x", "a" * 39])
def test_a_plain_handle_is_taken(handle: str):
    user = sign_up(handle=handle, email="", password=PASSWORD)

    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.parametrize("handle", ["platform", "evaluator", "open-models"])
def test_nobody_can_pass_for_the_platform(handle: str):
    with pytest.raises(Conflict) as refusal:
        sign_up(handle=handle, email="", password=PASSWORD)

    assert refusal.value.code == "handle_taken"
    assert not User.objects.filter(username=handle).exists()


@pytest.mark.parametrize(
    "handle",
    [
        *("", "Alice", "-a", "a-", "a b", "a/b", "a.b", "a_b", "é", "a" * 40),
        *("alice\n", "\x00", "../etc"),
    ],
)
def test_any_other_handle_is_refused(handle: str):
    with pytest.raises(Invalid) as refusal:
        sign_up(handle=handle, email="", password=PASSWORD)

    assert refusal.value.code == "sign_up_invalid"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "192837465564738291"]
)
def test_a_weak_password_is_refused(password: str):
    with pytest.raises(Invalid):
        sign_up(handle="alice", email="", password=password)

    assert not User.objects.exists()


def test_a_password_like_the_handle_and_a_broken_address_are_refused():
    with pytest.raises(Invalid):
        sign_up(handle="margarethe-9", email="", password="margarethe-9")
    with pytest.raises(Invalid):
        sign_up(handle="alice", email="no address", password=PASSWORD)


def test_a_handle_is_taken_once(alice: User):
    with pytest.raises(Conflict) as refusal:
        sign_up(handle="alice", email="", password=PASSWORD)

    assert refusal.value.code == "handle_taken"


def test_not_even_the_database_takes_a_handle_that_differs_in_case(alice: User):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="ALICE")


@pytest.mark.django_db(transaction=True)
def test_one_handle_wanted_by_eight_at_once_is_given_once():
    answers = at_once(
        [lambda: sign_up(handle="alice", email="", password=PASSWORD)] * 8
    )

    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7


def test_of_a_token_only_its_hash_and_a_prefix_are_kept(alice: User, now: datetime):
    token, secret = issue_token(user=alice, name=" laptop ")

    assert secret.startswith("assay_")
    assert len(secret) >= 40
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert (row["prefix"], row["name"]) == (secret[:12], "laptop")
    assert authenticate_token(secret=secret, now=now).user == alice


def test_a_token_ends_when_it_expires(alice: User, now: datetime):
    _, secret = issue_token(user=alice, name="x", expires_at=now + HOUR)

    assert authenticate_token(secret=secret, now=now + HOUR - INSTANT)
    assert refused(secret, now + HOUR) == "token_invalid"


def test_a_token_ends_when_it_is_revoked(alice: User, bob: User, now: datetime):
    token, secret = issue_token(user=alice, name="x")
    other, _ = issue_token(user=alice, name="y")

    for user, token_id in ((bob, str(token.id)), (alice, "nonsense")):
        with pytest.raises(NotFound):
            revoke_token(user=user, token_id=token_id, now=now)
    assert authenticate_token(secret=secret, now=now)

    revoke_token(user=alice, token_id=str(token.id), now=now)

    assert refused(secret, now) == "token_invalid"
    assert [t.pk for t in tokens_of(alice)] == [other.pk, token.pk]
    with pytest.raises(NotFound):
        revoke_token(user=alice, token_id=str(token.id), now=now)


def test_a_token_of_a_person_who_is_switched_off_opens_nothing(
    alice: User, now: datetime
):
    _, secret = issue_token(user=alice, name="x")
    User.objects.update(is_active=False)

    assert refused(secret, now) == "token_invalid"


@pytest.mark.parametrize(
    "secret", ["", "assay_", "assay_" + "x" * 43, "é\x00", "a" * 9999]
)
def test_any_other_text_is_no_token(alice: User, now: datetime, secret: str):
    issue_token(user=alice, name="x")

    assert refused(secret, now) == "token_invalid"


def test_an_evaluators_token_is_for_operators_alone(alice: User, now: datetime):
    with pytest.raises(Forbidden) as refusal:
        issue_token(user=alice, name="x", scope=ApiToken.Scope.EVALUATOR)
    assert refusal.value.code == "evaluator_scope_for_operators"
    assert not ApiToken.objects.exists()

    alice.is_staff = True
    _, secret = issue_token(user=alice, name="x", scope=ApiToken.Scope.EVALUATOR)
    assert authenticate_token(secret=secret, now=now).scope == "evaluator"


def test_the_last_use_is_written_once_a_minute(alice: User, now: datetime):
    token, secret = issue_token(user=alice, name="x")

    for moment in (now, now + LAST_USED_STEP, now + LAST_USED_STEP + INSTANT):
        authenticate_token(secret=secret, now=moment)
        token.refresh_from_db()
        expected = now if moment <= now + LAST_USED_STEP else moment
        assert token.last_used_at == expected
