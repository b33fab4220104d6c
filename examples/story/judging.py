"""Act four: the deadline, the private split, the prizes, the refunds."""

from decimal import Decimal
from functools import partial

from examples.story.mining import PLANS, TRAINED
from examples.story.stage import Person, Stage
from examples.story.telling import Teller
from examples.story.waiting import wait_for

MARGINS = {"intent-routing": 0.02, "reasoning": 0.01}


def close(stage: Stage, teller: Teller) -> None:
    """The sponsor moves both deadlines to now; the platform does the rest."""
    sofia = stage.person("sofia")
    for slug in TRAINED:
        sofia.run("competition", "deadline", slug, "+0s")
        teller.step(f"sofia moves the deadline of {slug} to now")
    for slug in TRAINED:
        wait_for(
            f"the settlement of {slug}",
            partial(_if_settled, sofia, slug),
            seconds=400,
        )
        teller.step(f"{slug} is judged on the private split and settled")


def _if_settled(sponsor: Person, slug: str) -> bool | None:
    shown = sponsor.run("competition", "show", slug)
    return True if shown["status"] == "settled" else None


def check_boards(stage: Stage, teller: Teller) -> None:
    """The private split has decided, and the fine-tuned models beat the baseline."""
    for slug in TRAINED:
        board = stage.person("maya").run("competition", "leaderboard", slug)
        baseline = board["baseline"]["score"]
        teller.check(f"{slug}: the board is private", holds=board["split"] == "private")
        entered = {f"{plan.handle}/{plan.name}" for plan in PLANS if plan.slug == slug}
        teller.check(
            f"{slug}: all that entered are ranked, {len(entered)} in number",
            holds={row["model"] for row in board["rows"]} == entered,
        )
        for row in board["rows"]:
            teller.check(
                f"{slug}: {row['model']} scores {row['score']:.4f}, the baseline "
                f"{baseline:.4f}, and earns {row['amount'] or 0} AST",
                holds=row["score"] > baseline + MARGINS[slug],
            )


def check_purses(stage: Stage, teller: Teller) -> None:
    """Nothing of a stake stays in escrow: it was earned, or went back."""
    for slug in TRAINED:
        stakes = stage.person("sofia").run("stake", "list", slug)
        board = stage.person("maya").run("competition", "leaderboard", slug)
        staked = sum(Decimal(stake["amount"]) for stake in stakes)
        returned = sum(Decimal(stake["returned"]) for stake in stakes)
        earned = sum(Decimal(row["amount"] or 0) for row in board["rows"])
        teller.check(
            f"{slug}: of {staked} AST staked, {earned} were earned and {returned} "
            "went back",
            holds=earned > 0 and earned + returned == staked,
        )
