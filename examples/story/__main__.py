"""Play the story: in a stack of its own, or on one that runs (``--endpoint``)."""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from assay.protocol.errors import Refusal
from config.stack import Stack
from config.stack.console import Console
from examples.story import accounting, judging, licensing, mining, sponsoring
from examples.story.stage import ROOT, Stage, StoryBroken
from examples.story.telling import Teller


def play(stage: Stage) -> None:
    """From the first token to the last royalty.

    Raises:
        StoryBroken: a step or a check failed.
    """
    teller = Teller()
    teller.act("1. A sponsor stakes on two tasks")
    sponsoring.register_base_models(stage, teller)
    sponsoring.launch(stage, teller)
    teller.act("2. Miners fine-tune while the base models are scored")
    mining.join(stage, teller)
    with ThreadPoolExecutor(max_workers=2) as pool:
        training = mining.begin(stage, pool)
        sponsoring.open_both(stage, teller)
        for entered in as_completed(training):
            teller.step(entered.result())
    teller.act("3. Submissions are scored in the jail, on data nobody has seen")
    mining.be_refused(stage, teller)
    mining.await_public_scores(stage, teller)
    teller.act("4. The private split decides, and the escrow is paid out")
    judging.close(stage, teller)
    judging.check_boards(stage, teller)
    judging.check_purses(stage, teller)
    teller.act("5. A commercial user licenses the winner")
    licence = licensing.buy(stage, teller)
    licensing.check_split(licence, teller)
    teller.act("6. The reckoning")
    accounting.reckon(stage, licence, teller)
    print(f"\nAll {teller.checks} checks hold.", flush=True)


def main() -> int:
    """Parse, set the stage, play; returns the exit code."""
    parser = argparse.ArgumentParser("python -m examples.story", description=__doc__)
    parser.add_argument("--endpoint", help="a stack that runs, with its environment")
    parser.add_argument(
        "--seed", action="store_true", help="leave word of who can log in"
    )
    chosen = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="assay-story-") as scratch:
            if chosen.endpoint:
                _play_at(chosen.endpoint, os.environ, Path(scratch), seed=chosen.seed)
            else:
                _play_alone(Path(scratch))
    except StoryBroken as broken:
        print(f"\nThe story broke: {broken}", file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(f"Error: {refusal}", file=sys.stderr)
        return 1
    return 0


def _play_alone(scratch: Path) -> None:
    cache = os.environ.get("ASSAY_BASE_MODELS", str(ROOT / "var/cache/base_models"))
    env = {"ASSAY_BASE_MODELS": cache, "ASSAY_TICK_SECONDS": "1"}
    with Stack(var=scratch / "var", port=0, env=env, console=Console()) as stack:
        print(f"A stack of its own at {stack.url}")
        _play_at(stack.url, stack.env, scratch / "people", seed=False)


def _play_at(
    endpoint: str, env: Mapping[str, str], folder: Path, *, seed: bool
) -> None:
    stage = Stage(endpoint, env, folder)
    play(stage)
    if seed:
        _leave_word(stage)


def _leave_word(stage: Stage) -> None:
    """Who can log in, for those who started the stack; readable by them alone."""
    path = Path(stage.env["ASSAY_VAR"]) / "run" / "welcome.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(
            "Log in   sofia (sponsor), maya or noor (miners), lena (licensee), "
            f"password {stage.password}\n"
        )


if __name__ == "__main__":
    sys.exit(main())
