"""A licensee's road: find, price, pay, prove, download."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accounts.models import User
from assay.protocol.certificates import LICENCE_FORMAT
from assay.protocol.signatures import (
    generate_key,
    issue_certificate,
    key_id,
    public_key,
)
from ledger.wallets import balance_of
from tests.api.world import make_paid_model
from tests.builders.world import UNIT
from tests.commands.conftest import Shell


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User, charlie: User) -> Shell:
    """Bob's shell, with money, where Charlie's model costs 25."""
    run = as_user(bob)
    run("wallet", "faucet", "100")
    make_paid_model(charlie, datetime.now(UTC))
    return run


def test_a_model_is_found_shown_and_downloaded(run: Shell) -> None:
    listed = run("model", "list", "-q")
    shown = run("model", "show", "charlie/paid")
    fetched = run("model", "download", "charlie/paid", "weights", "-q")

    assert listed.out == "charlie/paid\n"
    assert "25 AST, paid once" in shown.out
    assert fetched.out == "weights/model.safetensors\n"
    assert Path("weights/model.safetensors").read_bytes() == b"weights"


def test_a_use_is_priced_paid_once_and_proved_without_a_network(
    run: Shell, shell: Shell, bob: User, charlie: User
) -> None:
    quote = run(
        "licence", "quote", "charlie/paid", "--use", "commercial", "--json"
    ).json
    bought = run(
        "licence", "buy", quote["id"], "-y", "--save", "licence.json", "--json"
    )
    again = run("licence", "buy", quote["id"], "-y", "-q")
    Path("keys.json").write_text(run("licence", "keys").out)
    away = {"ASSAY_ENDPOINT": "http://127.0.0.1:9"}
    proved = shell("licence", "verify", "licence.json", "--keys", "keys.json", **away)

    assert quote["price"] == "25"
    assert bought.json["royalty"]["amount"] == "25"
    assert again.out.strip() == bought.json["id"]
    assert balance_of(bob) == 75 * UNIT
    assert balance_of(charlie) == 25 * UNIT
    assert proved.status == 0
    assert "genuine and valid" in proved.err
    assert "charlie/paid" in proved.out


def test_buying_by_reference_shows_the_price_and_asks(run: Shell, bob: User) -> None:
    asked = run("licence", "buy", "charlie/paid")
    bought = run("licence", "buy", "charlie/paid", "-y")
    listed = run("licence", "list", "--json").json
    shown = run("licence", "show", listed[0]["id"])

    assert (asked.status, asked.code) == (3, "confirmation_needed")
    assert "commercial use costs 25 AST" in asked.err
    assert bought.status == 0
    assert "charlie 25 for charlie/paid" in shown.out
    assert balance_of(bob) == 75 * UNIT


def test_a_changed_certificate_is_no_proof(run: Shell) -> None:
    run("licence", "buy", "charlie/paid", "-y", "--save", "licence.json")
    certificate = json.loads(Path("licence.json").read_text())
    certificate["document"]["licensee"] = "mallory"
    Path("licence.json").write_text(json.dumps(certificate))

    ran = run("licence", "verify", "licence.json")

    assert (ran.status, ran.code) == (3, "certificate_signature")


def test_a_certificate_by_another_key_is_no_proof(run: Shell, server: str) -> None:
    document = {"use": "commercial", "licence": "1"}
    forged = issue_certificate(generate_key(), document)
    Path("forged.json").write_text(json.dumps(forged))

    ran = run("licence", "verify", "forged.json", "--keys-from", server)

    assert (ran.status, ran.code) == (3, "certificate_key_unknown")


def test_a_certificate_that_ran_out_is_genuine_and_not_valid(
    shell: Shell, home: Path
) -> None:
    seed = generate_key()
    document = {
        "format": LICENCE_FORMAT,
        "use": "commercial",
        "valid_until": "2020-01-01T00:00:00+00:00",
    }
    Path("old.json").write_text(json.dumps(issue_certificate(seed, document)))
    public = public_key(seed)
    Path("keys.json").write_text(json.dumps({key_id(public): public}))

    ran = shell("licence", "verify", "old.json", "--keys", "keys.json")

    assert (ran.status, ran.code) == (3, "licence_expired")


def test_a_use_that_is_not_allowed_has_no_price(run: Shell) -> None:
    ran = run("licence", "quote", "charlie/paid", "--use", "training")

    assert (ran.status, ran.code) == (3, "use_not_allowed")


@pytest.mark.parametrize("reference", ["paid", "a/b/c", "/paid", "charlie/"])
def test_a_model_is_named_by_owner_and_name(run: Shell, reference: str) -> None:
    ran = run("model", "show", reference)

    assert (ran.status, ran.code) == (3, "model_reference_malformed")
