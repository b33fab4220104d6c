"""Acts two and three: fetch, really fine-tune, score locally, submit, be scored."""

import json
import pickle  # noqa: TID251 - one of the things that must be refused
import time
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial

from examples.story.stage import Person, Stage
from examples.story.telling import Teller
from examples.story.waiting import wait_for

TRAINED = {"intent-routing": "my-model", "reasoning": "my-adapter"}


@dataclass(frozen=True)
class Plan:
    """What one miner trains and submits, and who shares the income."""

    handle: str
    slug: str
    name: str
    training: tuple[str, ...]
    sharing: tuple[str, ...] = ()


PLANS = (
    Plan(
        "maya",
        "intent-routing",
        "maya-intents",
        ("--examples", "6000"),
        ("--contributor", "maya=3", "--contributor", "omar=1"),
    ),
    Plan(
        "noor",
        "intent-routing",
        "noor-intents",
        ("--examples", "2000", "--epochs", "8", "--seed", "1"),
    ),
    Plan("noor", "reasoning", "noor-reasoner", ()),
)


def join(stage: Stage, teller: Teller) -> None:
    """Miners and a contributor sign up, see the list, fetch data and starter kit."""
    for handle in ("maya", "noor", "omar", "mallory"):
        stage.join(handle)
    seen = {row["slug"] for row in stage.person("maya").run("competition", "list")}
    teller.check("maya sees both competitions", holds=set(TRAINED) <= seen)
    for handle, slug in sorted({(plan.handle, plan.slug) for plan in PLANS}):
        if _is_open(stage.person(handle), slug):  # before, there is nothing to accept
            stage.person(handle).run("competition", "rules", "accept", slug)
        stage.person(handle).run("init", slug, slug)
        teller.step(f"{handle} makes a starter kit of {slug}: data, script, base model")


def begin(stage: Stage, pool: Executor) -> list[Future[str]]:
    """Everyone trains by the kit's own script, scores locally, submits when it opens.

    The longest first, so that nobody waits for it in the end.
    """
    return [pool.submit(_train_and_submit, stage, plan) for plan in reversed(PLANS)]


def _train_and_submit(stage: Stage, plan: Plan) -> str:
    miner = stage.person(plan.handle)
    folder = miner.folder / plan.slug
    began = time.monotonic()
    stage.python(folder, "train.py", *plan.training, "--out", f"{plan.name}-files")
    took = time.monotonic() - began
    local = miner.run("evaluate", files_of(plan), "-c", plan.slug, "--data", plan.slug)
    wait_for(f"{plan.slug} to open", partial(_is_open, miner, plan.slug), seconds=400)
    miner.run("competition", "rules", "accept", plan.slug)
    made = miner.run(
        *("submit", files_of(plan), "-c", plan.slug, "--name", plan.name),
        *("--terms", f"{plan.slug}/terms.toml", "-m", "from the starter kit"),
        *plan.sharing,
    )
    return (
        f"{plan.handle} has trained {plan.name} in {took:.0f} s; it scores "
        f"{local['score']:.4f} on the sample, by the platform's own engine; "
        f"submitted as {made['id']}"
    )


def _is_open(miner: Person, slug: str) -> bool | None:
    shown = miner.run("competition", "show", slug)
    return True if shown["status"] == "open" else None


def files_of(plan: Plan) -> str:
    """The folder of trained files, from the miner's own folder."""
    return f"{plan.slug}/{plan.name}-files"


def be_refused(stage: Stage, teller: Teller) -> None:
    """A pickle in safetensors' clothes and remote code are refused with the reason."""
    mallory = stage.person("mallory")
    mallory.run("competition", "rules", "accept", "intent-routing")
    good = stage.person("maya").folder / "intent-routing" / "maya-intents-files"
    for trick in ("pickle", "auto_map"):
        folder = mallory.folder / trick
        folder.mkdir()
        config = json.loads((good / "config.json").read_text("utf-8"))
        weights = (good / "model.safetensors").read_bytes()
        if trick == "pickle":
            weights = pickle.dumps({"classifier.weight": [0.0]})
        else:
            config["auto_map"] = {"AutoModel": "stealing.Model"}
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        (folder / "model.safetensors").write_bytes(weights)
        code, said = mallory.fail(
            *("submit", trick, "-c", "intent-routing", "--name", f"mallory-{trick}"),
            *("--terms", "paid-commercial", "--no-check"),
        )
        teller.check(
            f"mallory's {trick} is refused: {_first_line(said)}",
            holds=code == 3 and trick in said,
        )


def _first_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "pickle" in line or "auto_map" in line), "")


def await_public_scores(stage: Stage, teller: Teller) -> None:
    """Every submission is scored, and the board shows it above the baseline."""
    for plan in PLANS:
        miner = stage.person(plan.handle)
        scored = wait_for(
            f"the score of {plan.name}", partial(_scored, miner, plan), seconds=400
        )
        teller.step(f"{plan.name} scores {scored:.4f} on the hidden public split")
    for slug in TRAINED:
        board = stage.person("maya").run("competition", "leaderboard", slug)
        best, baseline = board["rows"][0]["score"], board["baseline"]["score"]
        teller.check(
            f"{slug}: the best entry, {best:.4f}, beats the base, {baseline:.4f}",
            holds=best > baseline,
        )


def _scored(miner: Person, plan: Plan) -> float | None:
    for entry in miner.run("submission", "list", plan.slug):
        if entry["model"].endswith(f"/{plan.name}"):
            shown = miner.run("submission", "show", entry["id"])
            if shown["status"] == "scored":
                return float(shown["evaluations"][0]["score"])
    return None
