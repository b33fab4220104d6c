"""Looking at competitions."""

import click

from assay.client.records import Baseline, Board, Competition
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import iso, printable

LIST = ["slug", "status", "title", "metric", "staked", "asset", "deadline"]
SHOW = [
    "slug",
    "title",
    "summary",
    "status",
    "sponsor",
    "task_type",
    "metric",
    "base_model",
    "baseline",
    "margin",
    "board_step",
    "data_licence",
    "splits",
    "staked",
    "minimum_stake",
    "asset",
    "prize_rule",
    "prize_options",
    "prize",
    "king",
    "required_uses",
    "deadline",
    "challenge_hours",
    "daily_submissions",
    "max_bytes",
    "max_seconds",
    "fee_points",
    "budget_points",
    "second_price",
    "submission_fee",
    "deposit",
    "rules_digest",
    "rules_accepted",
    "waits_for",
]
BOARD = [
    "rank",
    "miner",
    "score",
    "low",
    "high",
    "amount",
    "seconds",
    "submitted_at",
    "model",
]


POWER = [
    "competition",
    "examples",
    "baseline",
    "decisive",
    "smallest_gain",
    "examples_needed",
    "entrants",
    "margin",
    "equal_beats",
    "any_equal_beats",
    "safe_margin",
    "equal_crowned",
]


@click.command("list", cls=Command)
@click.option("--status", default="", help="Only those in this state, such as open.")
@click.option("--query", default="", help="Only those with these words.")
@limit_option
@click.pass_obj
def list_competitions(session: Session, status: str, query: str, limit: int) -> None:
    """List competitions."""
    with session.client() as client:
        found = client.competitions.list(query=query, status=status)
        rows = [row_of(competition) for competition in some(session, found, limit)]
    show_list(session, rows, columns=LIST, identity="slug")


@click.command(cls=Command)
@click.argument("slug")
@click.pass_obj
def show(session: Session, slug: str) -> None:
    """Show a competition and its rules."""
    with session.client() as client:
        competition = client.competitions.show(slug)
    row = row_of(competition)
    if session.format == "table":
        row["baseline"] = baseline_text(competition.baseline)
    if session.format != "json":
        row["king"] = king_text(competition)
    show_one(session, row, columns=SHOW, identity="slug")


@click.command(cls=Command)
@click.argument("slug")
@click.pass_obj
def leaderboard(session: Session, slug: str) -> None:
    """Show the ranks."""
    with session.client() as client:
        board = client.competitions.board(slug)
    if session.format == "json" and not session.quiet:
        show_one(session, row_of(board), columns=[], identity="competition")
        return
    session.say(_caption(board))
    for struck in board.struck:
        model, reason = printable(struck.model), printable(struck.reason)
        session.say(f"Disqualified: {model}, because: {reason}")
    rows = [row_of(row) for row in board.rows]
    show_list(session, rows, columns=BOARD, identity="submission")


@click.command(cls=Command)
@click.argument("slug")
@click.option(
    "--entrants",
    type=click.IntRange(1, 1000),
    default=30,
    show_default=True,
    help="How many are expected to take part.",
)
@click.pass_obj
def power(session: Session, slug: str, entrants: int) -> None:
    """Show what its data can tell apart.

    From the baseline's answers: the smallest gain that is seen nine times in ten,
    the examples that gains need, and how often entrants that are no better would
    win by luck.
    """
    with session.client() as client:
        found = client.competitions.power(slug, entrants=entrants)
    row = row_of(found)
    if session.format == "table":
        row["examples_needed"] = ", ".join(
            f"{one.examples or 'too many'} for +{one.gain:g}"
            for one in found.examples_needed
        )
    show_one(session, row, columns=POWER, identity="smallest_gain")


def baseline_text(baseline: Baseline | None) -> str:
    """The score to beat, in words."""
    if baseline is None:
        return "not measured yet"
    interval = f"{baseline.low:.4f} to {baseline.high:.4f}"
    return f"{baseline.score:.4f} ({interval}) by {printable(baseline.model)}"


def king_text(competition: Competition) -> str:
    """Who leads by king of the hill, since when, and what that has earned so far."""
    hill = competition.hill
    if hill is None:
        return ""
    if hill.since is None:
        return f"nobody yet; {hill.unclaimed} {competition.asset} unclaimed"
    kings = " and ".join(
        f"{printable(seat.miner)} ({seat.accrued} {competition.asset} accrued)"
        for seat in hill.seats
        if seat.is_king
    )
    return f"{kings} since {iso(hill.since)}"


def _caption(board: Board) -> str:
    baseline = baseline_text(board.baseline)
    hidden = f"{board.count_hidden} hidden examples of the {board.split} split"
    return f"{hidden}; baseline {baseline}."
