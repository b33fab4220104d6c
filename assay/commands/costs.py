"""What a competition costs, and what was paid for its evaluations."""

from typing import Any

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Invalid

BUDGET = [
    *("competition", "second_price", "asset", "funded", "spent", "owed", "left"),
    *("reserved", "pending", "public_cost", "private_cost", "percent", "paused"),
]
CHARGES = [
    *("created_at", "submission", "split", "evaluator", "seconds"),
    *("cost", "paid", "shortfall", "asset"),
]
ESTIMATE = [
    *("submissions", "miners", "examples", "seconds_per_example", "measured_from"),
    *("evaluations", "seconds", "second_price", "amount", "budget", "missing", "asset"),
]


@click.command(cls=Command)
@click.argument("slug")
@click.pass_obj
def budget(session: Session, slug: str) -> None:
    """Show the evaluation budget.

    `left` less `reserved` (judging) and `pending` (entries under way) is what new
    submissions can use. Top it up with `assay stake add SLUG AMOUNT --for budget`.
    """
    with session.client() as client:
        row = row_of(client.economics.budget(slug))
    show_one(session, row, columns=BUDGET, identity="left")


@click.command(cls=Command)
@click.argument("slug")
@limit_option
@click.pass_obj
def charges(session: Session, slug: str, limit: int) -> None:
    """List what evaluations cost."""
    with session.client() as client:
        found = some(session, client.economics.charges(slug), limit)
    show_list(session, [row_of(one) for one in found], columns=CHARGES, identity="id")


@click.command(cls=Command)
@click.argument("slug", default="")
@click.option("--submissions", type=click.IntRange(0), required=True)
@click.option("--miners", type=click.IntRange(0), help="As many as submissions.")
@click.option("--base-model", default="", help="Without SLUG: owner/name.")
@click.option("--task-type", default="", help="Without SLUG.")
@click.option("--public", type=click.IntRange(1), help="Without SLUG: examples.")
@click.option("--private", type=click.IntRange(1), help="Without SLUG: examples.")
@click.option("--budget", default="0", help="Without SLUG: what there would be.")
@click.pass_obj
def estimate(session: Session, /, slug: str, submissions: int, **given: Any) -> None:
    """Say what evaluation will cost.

    SLUG is a competition, whose own baseline is the measure; without it, name base
    model, task type and the examples of both hidden splits.
    """
    plan: dict[str, Any] = {"submissions": submissions}
    if given["miners"] is not None:
        plan["miners"] = given["miners"]
    with session.login() as client:
        found = client.economics.estimate({**plan, **_subject(slug, given)})
    session.say(found.sentence)
    show_one(session, row_of(found), columns=ESTIMATE, identity="amount")


def _subject(slug: str, given: dict[str, Any]) -> dict[str, Any]:
    if slug:
        return {"competition": slug}
    names = ("base_model", "task_type", "public", "private")
    missing = [name for name in names if not given[name]]
    if missing:
        option = f"--{missing[0].replace('_', '-')}"
        raise Invalid(
            "estimate_of_nothing",
            f"Neither a competition nor {option} is given.",
            fix="Name a competition, or all of --base-model, --task-type, --public "
            "and --private.",
            where=option,
        )
    return {name: given[name] for name in (*names, "budget")}
