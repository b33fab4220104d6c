"""Licence terms in plain words."""

import click

from assay.commands.failing import REFUSED
from assay.commands.output import show_list
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.termsfile import read_terms
from assay.protocol.terms import Reading, explain, read_tags


@click.command("explain", cls=Command)
@click.argument("file")
@click.pass_obj
def explain_terms(session: Session, file: str) -> None:
    """Say what terms allow.

    FILE holds UDL tags, in TOML or JSON, or is the name of a preset: open, credit,
    share-alike, paid-commercial, research-only.
    """
    reading = read_tags(read_terms(file))
    for remark in reading.diagnostics:
        session.say(f"{remark.severity}: {remark.tag}: {remark.sentence}")
    if session.format != "table":
        rows = [{"sentence": sentence} for sentence in explain(reading.terms)]
        show_list(session, rows, columns=["sentence"], identity="sentence")
        return
    click.echo("\n".join(explain(reading.terms)))


@click.command(cls=Command)
@click.argument("file")
@click.pass_context
def check(context: click.Context, file: str) -> None:
    """Find what is wrong with terms.

    Exits with 3 when a tag is in error: such a tag grants nothing.
    """
    session = context.ensure_object(Session)
    reading = read_tags(read_terms(file))
    columns = ["severity", "code", "tag", "sentence"]
    show_list(session, _remarks(reading), columns=columns, identity="code")
    if reading.errors:
        context.exit(REFUSED)
    session.say("The terms can be used.")


def _remarks(reading: Reading) -> list[dict[str, str]]:
    return [
        {
            "severity": remark.severity.value,
            "code": remark.code,
            "tag": remark.tag,
            "sentence": remark.sentence,
        }
        for remark in reading.diagnostics
    ]
