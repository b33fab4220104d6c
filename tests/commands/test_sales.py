"""A licensee's and a contributor's desk: seats, renewals, revenue, income, meters."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accounts.models import User
from assay.client.records import Payment
from assay.commands.royalty import check_payment
from assay.protocol.certificates import SSH_IDENTITY, SSH_NAMESPACE
from assay.protocol.errors import Conflict
from catalogue.models import Model
from ledger.wallets import balance_of
from royalties.models import Royalty
from tests.builders import models, world
from tests.builders.world import UNIT
from tests.commands.conftest import Shell


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User) -> Shell:
    """Bob's shell, with money."""
    run = as_user(bob)
    run("wallet", "faucet", "1000")
    return run


def publish(owner: User, commercial: str, **more: object) -> Model:
    terms = models.terms(commercial, "Allowed-With-RevenueShare-10%")
    return models.published(owner, "sold", terms, datetime.now(UTC), **more)


def bought(run: Shell, *words: str) -> dict:
    return run("licence", "buy", "charlie/sold", "-y", "--json", *words).json


def test_an_organisation_buys_seats_and_saves_every_file(
    run: Shell, anyone: Shell, charlie: User, home: Path
) -> None:
    publish(charlie, "Allowed-With-Fee-One-Time-25")
    Path("firm.toml").write_text('name = "Acme"\ncountry = "DE"\n')

    licence = bought(run, "--seats", "3", "--organisation", "firm.toml")
    saved = run("licence", "save", licence["id"], "desk", "-q")

    assert licence["royalty"]["amount"] == "75"
    assert licence["certificate"]["document"]["organisation"]["name"] == "Acme"
    names = sorted(Path(line).name for line in saved.out.split())
    assert names[0] == "certificate.json"
    assert any(name.startswith("invoice-") for name in names)
    assert Path("desk/certificate.pdf").read_bytes().startswith(b"%PDF")
    assert anyone("licence", "verify", "desk/certificate.json").status == 0


def test_the_saved_signature_passes_ssh_keygen(
    run: Shell, charlie: User, server: str, home: Path
) -> None:
    publish(charlie, "Allowed")
    run("licence", "save", bought(run)["id"], "desk")
    known = run("licence", "keys").json["keys"]
    assert known
    from urllib.request import urlopen  # noqa: PLC0415 - the stranger's own tool

    with urlopen(f"{server}/api/allowed-signers") as answer:
        Path("signers").write_bytes(answer.read())
    ran = subprocess.run(
        [
            *("ssh-keygen", "-Y", "verify", "-f", "signers", "-I", SSH_IDENTITY),
            *("-n", SSH_NAMESPACE, "-s", "desk/licence.json.sig"),
        ],
        input=Path("desk/licence.json").read_bytes(),
        capture_output=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


def test_a_revoked_licence_is_found_out_offline_by_a_saved_status_list(
    run: Shell, shell: Shell, bob: User, charlie: User, settings
) -> None:
    settings.REFUND_WINDOW = settings.QUOTE_VALIDITY
    publish(charlie, "Allowed-With-Fee-One-Time-25")
    licence = bought(run, "--save", "licence.json")
    Path("keys.json").write_text(run("licence", "keys").out)
    Path("before.json").write_text(run("licence", "status").out)
    refunded = run("licence", "refund", licence["id"], "--reason", "no use", "-y")
    Path("after.json").write_text(run("licence", "status").out)
    away = {"ASSAY_ENDPOINT": "http://127.0.0.1:9"}
    offline = ["licence", "verify", "licence.json", "--keys", "keys.json"]

    before = shell(*offline, "--status", "before.json", **away)
    after = shell(*offline, "--status", "after.json", **away)
    blind = shell(*offline, **away)
    forged = json.loads(Path("after.json").read_text())
    forged["document"]["entries"] = {}
    Path("forged.json").write_text(json.dumps(forged))

    assert refunded.status == 0
    assert balance_of(bob) == 1000 * UNIT
    assert (before.status, after.status, after.code) == (0, 3, "licence_revoked")
    assert "no use" in after.err
    assert blind.status == 0
    assert "not checked" in blind.err
    ran = shell(*offline, "--status", "forged.json", **away)
    assert ran.code == "certificate_signature"
    online = run("licence", "verify", "licence.json")
    assert online.code == "licence_revoked"


def test_a_monthly_licence_says_so_and_is_cancelled(run: Shell, charlie: User) -> None:
    publish(charlie, "Allowed-With-Fee-Monthly-10")
    asked = run("licence", "buy", "charlie/sold")
    licence = bought(run)

    ended = run("licence", "cancel", licence["id"], "--json").json

    assert "renews until you cancel" in asked.err
    assert (licence["renews"], ended["renews"]) == (True, False)


def test_revenue_is_declared_and_listed(run: Shell, bob: User, charlie: User) -> None:
    publish(charlie, "Allowed-With-RevenueShare-20%")
    licence = bought(run)

    made = run("licence", "declare", licence["id"], "50", "-y", "--json").json
    listed = run("licence", "revenue", licence["id"], "--format", "csv")

    assert (made["owed"], made["period"]) == ("10", 1)
    assert "20 % of revenue; now in period 1." in listed.err
    assert listed.out.splitlines()[1].split(",")[3:5] == ["50", "10"]
    assert balance_of(bob) == 990 * UNIT
    assert run("licence", "notices", "--json").json == []


def test_income_is_listed_summed_and_verified_by_a_stranger(
    run: Shell,
    anyone: Shell,
    as_user: Callable[[User], Shell],
    alice: User,
    charlie: User,
) -> None:
    moment = datetime.now(UTC)
    base = models.published(
        alice, "base", models.terms("Allowed", "Allowed-With-RevenueShare-10%"), moment
    )
    publish(
        charlie,
        "Allowed-With-Fee-One-Time-25",
        parents=[base],
        shares=[(charlie, 2), (alice, 1)],
    )
    payment = bought(run)["royalty"]["payment"]
    desk = as_user(alice)

    listed = desk("royalties", "--model", "alice/base", "--json").json
    late = desk("royalties", "--since", "+1h", "--json").json
    csv = desk("royalties", "list", "--format", "csv").out
    sums = desk("royalties", "totals", "--by", "payer", "--json").json
    checked = anyone("royalties", "verify", payment, "--json")

    assert [row["amount"] for row in listed] == ["2.5"]
    assert late == []
    assert csv.splitlines()[0].startswith("at,model,amount,asset,status,payer")
    assert len(csv.splitlines()) == 3
    assert [(row["name"], row["paid"]) for row in sums] == [("bob", "10")]
    assert checked.status == 0, checked.err
    assert sum(int(row["amount"]) for row in checked.json) == 25 * UNIT
    assert "to the last one as paid" in checked.err


def test_a_payment_that_was_made_otherwise_is_found_out(
    run: Shell, anyone: Shell, charlie: User
) -> None:
    publish(charlie, "Allowed-With-Fee-One-Time-25")
    payment = bought(run)["royalty"]["payment"]
    royalty = Royalty.objects.get()
    royalty.parts.update(amount=24 * UNIT)

    ran = anyone("royalties", "verify", payment)

    assert (ran.status, ran.code) == (3, "payment_differs")
    assert "the parts" in ran.err
    royalty.parts.update(amount=25 * UNIT)
    record = {**royalty.record, "paid_at": "2020-01-01T00:00:00+00:00"}
    parts = tuple(
        {
            "payee": part.payee.username,
            "model": str(part.model_id),
            "fraction": "1/1",
            "amount": str(part.amount),
        }
        for part in royalty.parts.all()
    )
    with pytest.raises(Conflict) as refusal:
        check_payment(
            Payment(
                payment=payment,
                status="paid",
                record=record,
                record_digest=royalty.record_digest,
                fee="0",
                transfer="",
                transfer_memo=royalty.transfer.memo,
                parts=parts,
            )
        )
    assert "the record's digest" in refusal.value.sentence


def test_a_share_is_given_and_taken(
    run: Shell, as_user: Callable[[User], Shell], bob: User, charlie: User
) -> None:
    publish(charlie, "Allowed", shares=[(charlie, 4)])
    desk = as_user(charlie)

    offer = desk("royalties", "give", "charlie/sold", "bob", "1", "-y", "-q").out
    waiting = run("royalties", "offers", "-q").out
    taken = run("royalties", "take", offer.strip(), "--json").json

    assert waiting == offer
    assert (taken["status"], taken["parts"]) == ("accepted", 1)
    assert desk("royalties", "decline", offer.strip()).code == "share_decided"


def test_a_withdrawal_holds_what_it_asks_for(run: Shell) -> None:
    asked = run("wallet", "withdraw", "300", "--to", "DE00 1234", "-y", "--json").json
    listed = run("wallet", "withdrawals", "--json").json
    too_much = run("wallet", "withdraw", "701", "--to", "DE00 1234", "-y")

    assert asked["status"] == "requested"
    assert [row["id"] for row in listed] == [asked["id"]]
    assert too_much.code == "insufficient_funds"


def test_calls_are_metered_signed_redeemed_and_recovered(
    run: Shell, as_user: Callable[[User], Shell], charlie: User, home: Path
) -> None:
    publish(charlie, "Allowed")
    desk = as_user(charlie)
    desk("licence", "meter", "price", "charlie/sold", "0.01")
    opened = run("licence", "meter", "open", "charlie/sold", "1", "-y", "--json")
    meter = opened.json["id"]
    (notes,) = home.parent.glob(f"config/assay/meters/{meter}.json")

    first = run("licence", "meter", "sign", meter, "30", "--json").out
    second = run("licence", "meter", "sign", meter, "10", "--json").out
    Path("voucher.json").write_text(second)
    paid = desk("licence", "meter", "redeem", "voucher.json", "--json").json
    again = desk("licence", "meter", "redeem", "voucher.json", "--json").json
    Path("old.json").write_text(first)
    stale = desk("licence", "meter", "redeem", "old.json")
    seed = json.loads(notes.read_text())["seed"]
    notes.write_text(json.dumps({"seed": seed}))
    blind = run("licence", "meter", "sign", meter, "5")
    run("licence", "meter", "sync", meter)
    third = run("licence", "meter", "sign", meter, "5", "--json").json

    assert notes.stat().st_mode & 0o777 == 0o600
    assert not list(notes.parent.glob("pending-*"))
    assert (json.loads(second)["calls"], paid["amount"]) == (40, "0.4")
    assert paid == again
    assert stale.code == "voucher_stale"
    assert blind.code == "meter_price_unknown"
    assert third["calls"] == 45
    assert balance_of(charlie) == 2 * UNIT // 5
    added = run("licence", "meter", "add", meter, "1", "--json").json
    closing = run("licence", "meter", "close", meter, "-y", "--json").json
    assert (added["deposit"], closing["status"]) == ("2", "closing")
    shown = run("licence", "meter", "show", meter, "--json").json
    assert shown["lanes"][0]["calls"] == 40


def test_a_meter_whose_answer_was_lost_is_opened_once(
    run: Shell, as_user: Callable[[User], Shell], bob: User, charlie: User, home: Path
) -> None:
    publish(charlie, "Allowed")
    as_user(charlie)("licence", "meter", "price", "charlie/sold", "0.01")
    first = run("licence", "meter", "open", "charlie/sold", "1", "-y", "--json").json
    folder = home.parent / "config/assay/meters"
    assert first["deposit"] == "1"
    assert balance_of(bob) == 999 * UNIT

    failed = run("licence", "meter", "open", "charlie/sold", "5000", "-y")
    (pending,) = folder.glob("pending-*")
    world.fund(bob, 4500, datetime.now(UTC))
    second = run("licence", "meter", "open", "charlie/sold", "5000", "-y", "--json")

    assert failed.code == "insufficient_funds"
    assert not pending.exists()
    assert second.json["deposit"] == "5000"
