"""Act five: a commercial user finds, prices, pays, checks and downloads."""

import json
from typing import Any

from examples.story.stage import Stage
from examples.story.telling import Teller


def buy(stage: Stage, teller: Teller) -> dict[str, Any]:
    """Licence the winner of intent routing; returns the licence."""
    lena = stage.join("lena")
    lena.run("wallet", "faucet", "100")
    found = [row["reference"] for row in lena.run("model", "list")]
    board = lena.run("competition", "leaderboard", "intent-routing")
    winner = board["rows"][0]["model"]
    teller.check(f"lena finds {winner} in the catalogue", holds=winner in found)
    quote = lena.run("licence", "quote", winner, "--use", "commercial")
    teller.step(f"Its terms ask {quote['price']} {quote['asset']} for commercial use")
    licence: dict[str, Any] = lena.run(
        "licence", "buy", quote["id"], "--save", "certificate.json"
    )
    lena.run("licence", "verify", "certificate.json")
    teller.step("lena checks the certificate: its signature is good")
    _try_forging(stage, teller)
    lena.run("model", "download", winner, "winner")
    weights = (lena.folder / "winner" / "model.safetensors").stat().st_size
    teller.check(f"lena has the weights, {weights:,} bytes", holds=weights > 10**6)
    return licence


def _try_forging(stage: Stage, teller: Teller) -> None:
    lena = stage.person("lena")
    genuine = json.loads((lena.folder / "certificate.json").read_text("utf-8"))
    genuine["document"]["licensee"] = "mallory"
    (lena.folder / "forged.json").write_text(json.dumps(genuine), "utf-8")
    code, _ = lena.fail("licence", "verify", "forged.json")
    teller.check("a certificate with another licensee is refused", holds=code == 3)


def check_split(licence: dict[str, Any], teller: Teller) -> None:
    """The royalty is split over contributors and up the lineage, to the base unit."""
    royalty = licence["royalty"]
    parts = {
        (part["payee"], part["model"]): part["amount"] for part in royalty["parts"]
    }
    for (payee, model), amount in parts.items():
        teller.step(f"{payee} gets {amount} {royalty['asset']} of it, for {model}")
    expected = {
        ("open-models", "open-models/minilm-l6-intents"): "2.5",
        ("maya", "maya/maya-intents"): "16.875",
        ("omar", "maya/maya-intents"): "5.625",
    }
    teller.check(
        "10 % go to the parent, the rest 3:1 to maya and omar", holds=parts == expected
    )
