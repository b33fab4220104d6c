"""What each prize rule would pay for a history of scores: for sponsors."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assay.protocol import prizes
from assay.protocol.errors import Invalid, Refusal
from assay.protocol.money import format_amount, parse_amount
from assay.protocol.prizes import Contest, Options
from assay.protocol.simulation import (
    MAX_BYTES,
    Line,
    Outcome,
    default_options,
    read_history,
    read_number,
    read_time,
    simulate,
)
from ledger.wallets import platform_asset

ALL = "all"


class Command(BaseCommand):
    """Simulate a competition's prizes; reads a file, and neither database nor clock."""

    help = "Say what a prize rule, or all of them, would pay for a CSV of scores."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The rule, what there is to win, the score to beat, and the history."""
        parser.add_argument("--rule", required=True, choices=[*prizes.RULES, ALL])
        parser.add_argument(
            "--options",
            metavar="JSON",
            help="of the rule; with --rule all, options by rule",
        )
        parser.add_argument("--purse", required=True, help="whole tokens, such as 1000")
        parser.add_argument("--baseline", required=True, help="the base model's score")
        parser.add_argument("--margin", default="0", help="above the baseline, to earn")
        parser.add_argument("--scores", required=True, metavar="FILE", help="CSV")
        parser.add_argument("--opened", metavar="TIME", help="default: the first row's")
        parser.add_argument(
            "--closed", metavar="TIME", help="default: a day after the last row"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a table a rule, or JSON.

        Raises:
            CommandError: something cannot be read; its sentence says what.
        """
        try:
            outcomes = list(_outcomes(options))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in outcomes], indent=2))
            return
        self.stdout.write("\n\n".join("\n".join(_table(one)) for one in outcomes))


def _outcomes(options: dict[str, Any]) -> Iterator[Outcome]:
    history = read_history(_text(options["scores"]))
    terms = Contest(
        purse=parse_amount(options["purse"], platform_asset()),
        baseline=_score(options["baseline"], "baseline"),
        public_baseline=_score(options["baseline"], "baseline"),
        margin=_score(options["margin"], "margin"),
        opened_at=_moment(options, "opened"),
        closed_at=_moment(options, "closed"),
    )
    for rule, chosen in _chosen(options["rule"], _json(options["options"])):
        yield simulate(rule, chosen, history, terms)


def _text(place: str) -> str:
    try:
        with Path(place).open("rb") as file:
            return file.read(MAX_BYTES + 1).decode()
    except (OSError, ValueError) as error:
        raise Invalid(
            "history_unreadable", f"{place} cannot be read: {error}."
        ) from error


def _score(text: str, name: str) -> float:
    value = read_number(text)
    if value is None:
        raise Invalid("number_unreadable", f"--{name} {text} is no number.", where=name)
    return value


def _moment(options: dict[str, Any], name: str) -> datetime | None:
    text = options[name]
    return read_time(text, where=f"--{name}") if text else None


def _json(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Invalid(
            "options_unreadable", f"--options is not JSON: {error}."
        ) from error
    if isinstance(found, dict):
        return found
    raise Invalid("options_unreadable", "--options is a JSON object.")


def _chosen(rule: str, given: dict[str, Any] | None) -> Iterator[tuple[str, Options]]:
    if rule != ALL:
        yield rule, default_options(rule) if given is None else given
        return
    named = given or {}
    for name in named:
        prizes.check_options(name, named[name])
    for name in prizes.RULES:
        yield name, named.get(name, default_options(name))


def _amount(units: int) -> str:
    return format_amount(units, platform_asset())


def _table(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.rule} {json.dumps(outcome.options)}"
    yield prizes.describe(outcome.rule, outcome.options)
    yield f"{'rank':>4}  {'entry':<20} {'public':>8} {'private':>8}  {'award':>24}"
    for line in outcome.lines:
        yield _row(line)
    yield f"{'returned':>44}  {_amount(outcome.returned):>24}"


def _row(line: Line) -> str:
    place = "-" if line.rank is None else str(line.rank)
    private = "-" if line.private_score is None else f"{line.private_score:.4f}"
    return (
        f"{place:>4}  {line.entry:<20} {line.score:>8.4f} {private:>8}  "
        f"{_amount(line.amount):>24}"
    )


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule,
        "options": outcome.options,
        "asset": platform_asset().symbol,
        "awards": [
            {
                "rank": line.rank,
                "entry": line.entry,
                "entrant": line.entrant,
                "score": line.score,
                "private_score": line.private_score,
                "amount": _amount(line.amount),
            }
            for line in outcome.lines
        ],
        "returned": _amount(outcome.returned),
    }
