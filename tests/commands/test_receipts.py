"""Receipts are fetched, and checked without a network."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import EvaluatorKey, User
from common import clock
from competitions.models import Competition, Submission
from tests.builders import world
from tests.commands.conftest import Shell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(bob: User, contest: Competition) -> Submission:
    """Bob's entry, scored."""
    moment = clock.now()
    made = world.submit(bob, contest, moment, seed=1)
    world.score(made.evaluations.get(), right=24, now=moment)
    return made


@pytest.fixture
def saved(anyone: Shell, made: Submission, home: Path) -> Path:
    """Its receipt, and the keys beside it."""
    ran = anyone("receipt", "get", made.pk, "-o", "receipt.json")
    assert ran.status == 0, ran.err
    (home / "keys.json").write_text(anyone("receipt", "keys").out)
    return home / "receipt.json"


def test_a_receipt_is_found_by_its_evaluation_too(
    anyone: Shell, made: Submission, saved: Path
) -> None:
    ran = anyone("receipt", "get", made.evaluations.get().pk)
    assert ran.json == json.loads(saved.read_text())
    assert ran.json["score"]["value"] == 0.8


def test_a_receipt_is_checked_without_a_server(
    shell: Shell, made: Submission, saved: Path
) -> None:
    ran = shell("--format", "json", "receipt", "verify", saved, "--keys", "keys.json")

    assert ran.status == 0, ran.err
    receipt = made.evaluations.get().receipt
    assert (ran.json["digest"], ran.json["operator"]) == (receipt.digest, "evaluator")


def test_the_keys_are_asked_for_when_none_are_given(anyone: Shell, saved: Path) -> None:
    assert anyone("receipt", "verify", saved).status == 0


def test_a_changed_receipt_is_refused(shell: Shell, saved: Path) -> None:
    saved.write_text(saved.read_text().replace('"split": "public"', '"split": "x"'))
    ran = shell("receipt", "verify", saved, "--keys", "keys.json")
    assert (ran.status, ran.code) == (3, "receipt_signature")


def test_a_file_that_is_something_else_is_refused(
    shell: Shell, saved: Path, home: Path
) -> None:
    (home / "other.json").write_text("[1]")
    (home / "broken.json").write_text("{")
    no_keys = shell("receipt", "verify", saved, "--keys", "other.json")
    no_receipt = shell("receipt", "verify", "other.json", "--keys", "keys.json")
    broken = shell("receipt", "verify", "broken.json", "--keys", "keys.json")
    assert no_keys.code == "evaluator_keys_unreadable"
    assert no_receipt.code == "receipt_key_unknown"
    assert broken.code == "json_unreadable"


def test_a_receipt_that_is_not_there_is_not_found(anyone: Shell, made: object) -> None:
    ran = anyone("receipt", "get", "00000000-0000-4000-8000-000000000000")
    assert (ran.status, ran.code) == (3, "receipt_not_found")


def test_its_operator_revokes_a_key_and_receipts_from_since_then_are_refused(
    as_user: Callable[[User], Shell], anyone: Shell, bob: User, saved: Path
) -> None:
    key = EvaluatorKey.objects.get()
    stranger = as_user(bob)("receipt", "revoke-key", key.key_id)
    ran = as_user(key.operator)(
        "receipt", "revoke-key", key.key_id, "--since", "2021-01-01"
    )
    checked = anyone("receipt", "verify", saved)

    assert (stranger.status, stranger.code) == (3, "evaluator_key_not_found")
    assert ran.status == 0, ran.err
    assert checked.code == "receipt_key_revoked"


def test_operators_list_and_revoke_keys(
    capsys: pytest.CaptureFixture[str], saved: Path
) -> None:
    key = EvaluatorKey.objects.get()
    call_command("evaluator_keys")
    before = capsys.readouterr().out
    call_command("evaluator_keys", "--revoke", key.key_id, "--json")
    [row] = json.loads(capsys.readouterr().out)

    assert "counts" in before
    key.refresh_from_db()
    assert clock.now() - key.revoked_at < timedelta(minutes=1)
    assert row["revoked_at"] == key.revoked_at.isoformat()
    with pytest.raises(CommandError, match="no key"):
        call_command("evaluator_keys", "--revoke", "ff")
