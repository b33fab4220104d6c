"""What is known of licences other than the UDL."""

from typing import Any

import click

from assay.commands.output import show_list
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.licences import Facts, read_expression, translate
from assay.protocol.terms import write_tags, write_toml

SHOW = [
    "licence",
    "commercial",
    "derivatives",
    "training",
    "share_alike",
    "demands",
    "use_limits",
    "user_threshold",
    "source",
]
UNKNOWN = "not known"


@click.command(cls=Command)
@click.argument("expression")
@click.option("--toml", is_flag=True, help="Print the UDL tags that it can be put in.")
@click.pass_obj
def licence(session: Session, expression: str, *, toml: bool) -> None:
    """Say what a licence allows.

    EXPRESSION is an SPDX expression such as "MIT OR Apache-2.0", or an id of the
    Hub such as llama3.1; each alternative is a row. What is not known counts as
    no. Tags never grant more than the licence does.
    """
    found = read_expression(expression)
    translation = translate(found.options)
    if toml and translation is not None:
        tags, remarks = write_tags(translation.terms), translation.lost
        click.echo(write_toml(tags, [translation.facts.name, *remarks]), nl=False)
        return
    rows = [facts_row(facts) for facts in found.options]
    if session.format == "table":
        rows = [_in_words(row) for row in rows]
    show_list(session, rows, columns=SHOW, identity="licence")
    if translation is None:
        session.say("None of it can be said in UDL tags without granting more.")
        return
    for sentence in translation.lost:
        session.say(sentence)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    thresholds = {"user_threshold", "revenue_threshold"}
    return {
        name: UNKNOWN if value is None and name not in thresholds else value
        for name, value in row.items()
    }


def facts_row(facts: Facts) -> dict[str, Any]:
    """Facts as a row; None is not known."""
    return {
        "licence": facts.name,
        "commercial": facts.commercial,
        "derivatives": facts.derivatives,
        "training": facts.training,
        "share_alike": facts.share_alike if facts.is_known else None,
        "demands": sorted(demand.value for demand in facts.demands),
        "use_limits": facts.use_limits if facts.is_known else None,
        "user_threshold": facts.user_threshold,
        "revenue_threshold": facts.revenue_threshold,
        "source": facts.source,
    }
