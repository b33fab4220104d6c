"""Act one: base models, tokens, two competitions with stakes and baselines."""

import tomllib
from functools import partial
from pathlib import Path

from examples.story.stage import ROOT, Stage, StoryBroken
from examples.story.telling import Teller
from examples.story.waiting import wait_for

EXAMPLES = ROOT / "examples"
STAKES = {"intent-routing": "1200", "reasoning": "500"}
CO_STAKE = "300"


def register_base_models(stage: Stage, teller: Teller) -> None:
    """The operator registers the models that competitions may build on."""
    for about in sorted((EXAMPLES / "base_models").glob("*.toml")):
        folder = tomllib.loads(about.read_text("utf-8"))["folder"]
        weights = Path(stage.env["ASSAY_BASE_MODELS"]) / folder
        said = stage.manage("register_base_model", str(weights), str(about))
        teller.step(f"The operator: {said.strip()}")


def launch(stage: Stage, teller: Teller) -> None:
    """Faucet, create, stake; the baseline is measured meanwhile."""
    sofia, colin = stage.join("sofia"), stage.join("colin")
    for person, amount in ((sofia, "5000"), (colin, "1000")):
        person.run("wallet", "faucet", amount)
        teller.step(f"{person.handle} gets {amount} AST from the development faucet")
    for slug, amount in STAKES.items():
        spec = EXAMPLES / slug.replace("-", "_") / "competition.toml"
        sofia.run("competition", "create", str(spec))
        sofia.run("stake", "add", slug, amount)
        teller.step(f"sofia creates {slug} and stakes {amount} AST on it")
    shown = [sofia.run("competition", "show", slug)["status"] for slug in STAKES]
    teller.check("both competitions are funded", holds=shown == ["funded", "funded"])


def open_both(stage: Stage, teller: Teller) -> None:
    """Once the baselines are there, the rules are frozen and miners let in."""
    sofia, colin = stage.person("sofia"), stage.person("colin")
    for slug in STAKES:
        baseline = wait_for(
            f"the baseline of {slug}",
            partial(_baseline, stage, slug),
            seconds=300,
        )
        teller.step(
            f"The base model scores {baseline['score']:.4f} on {slug}'s public split"
        )
        opened = wait_for(
            f"both baselines of {slug}",
            partial(_try_open, stage, slug),
            seconds=300,
        )
        teller.check(f"{slug} is open, its rules hashed", holds=len(opened) == 64)
    colin.run("stake", "add", "intent-routing", CO_STAKE)
    teller.step(f"colin adds {CO_STAKE} AST to the stake on intent-routing")
    stakes = sofia.run("stake", "list", "intent-routing")
    amounts = sorted(stake["amount"] for stake in stakes)
    teller.check(
        "intent-routing holds both stakes",
        holds=amounts == [STAKES["intent-routing"], CO_STAKE],
    )


def _baseline(stage: Stage, slug: str) -> dict[str, float] | None:
    shown: dict[str, dict[str, float] | None]
    shown = stage.person("sofia").run("competition", "show", slug)
    return shown["baseline"]


def _try_open(stage: Stage, slug: str) -> str | None:
    """The digest of the rules once it is open; None while the baseline is pending."""
    sofia = stage.person("sofia")
    code, said = sofia.fail("competition", "open", slug, "--yes")
    if code and "baseline_pending" not in said:
        raise StoryBroken(f"{slug} cannot be opened: {said}")
    return None if code else str(sofia.run("competition", "show", slug)["rules_digest"])
