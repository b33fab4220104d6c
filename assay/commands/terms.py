"""Licence terms: made from a preset, said in plain words, checked."""

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from assay.commands.failing import REFUSED
from assay.commands.output import show_list, show_one
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.termsfile import read_terms
from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    DEFAULT_CURRENCY,
    PRESETS,
    Choices,
    Decision,
    Language,
    Party,
    Period,
    Preset,
    Reading,
    Terms,
    Use,
    build,
    decide,
    explain,
    number_text,
    price_words,
    read_tags,
    say,
    write_tags,
    write_toml,
)

LANGUAGE = click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.ENGLISH.value,
    help="Of the sentences; English when nothing is said.",
)
DAY = click.DateTime(["%Y-%m-%d"])
DECISION = ["use", "verdict", "prices", "revenue_share", "duties", "reasons"]


@click.command(cls=Command)
@click.option("--preset", type=click.Choice(list(PRESETS)), help="What to start from.")
@click.option("--fee", default="", help="For paid-commercial, such as 25.")
@click.option("--monthly", is_flag=True, help="The fee is due every month.")
@click.option("--share", default="", help="For share-alike: percent of revenue.")
@click.option("--currency", default="", help="A symbol or token id.")
@click.option("--payment-address", default="", help="Who is paid.")
@click.option("--expiry", type=int, help="Years after which the terms end.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to write; standard output when not given.",
)
@LANGUAGE
@click.pass_obj
def init(
    session: Session,
    /,
    preset: str | None,
    out: Path | None,
    language: str,
    **chosen: Any,
) -> None:
    """Make terms from a preset.

    Prints UDL tags as TOML, for --terms of `assay submit`, under the sentence that
    they stand for. Asks for the preset where there is a terminal.
    """
    choices = Choices(
        fee=chosen["fee"],
        period=Period.MONTHLY if chosen["monthly"] else Period.ONE_TIME,
        share=chosen["share"],
        currency=chosen["currency"],
        payment_address=chosen["payment_address"],
        expiry_years=chosen["expiry"],
    )
    made = build(preset or _asked(session), choices)
    tongue = Language(language)
    if session.format != "table":
        show_one(session, _made(made, tongue), columns=["preset"], identity="preset")
        return
    text = write_toml(write_tags(made.terms), [made.title(tongue), made.clause(tongue)])
    if out is None:
        click.echo(text, nl=False)
        return
    _write_new(out, text)
    session.say(f"{out}: {made.clause(tongue)}")


def _asked(session: Session) -> str:
    if not sys.stdin.isatty():
        raise Invalid(
            "preset_needed",
            "There is no terminal to ask for a preset on.",
            fix=f"Add --preset with one of {', '.join(PRESETS)}.",
        )
    for preset in PRESETS.values():
        session.say(f"{preset.name}: {preset.summary()}")
    choice = click.Choice(list(PRESETS))
    return str(click.prompt("Preset", type=choice, err=True))


def _made(made: Preset, language: Language) -> dict[str, Any]:
    return {
        "preset": made.name,
        "clause": made.clause(language),
        "tags": write_tags(made.terms),
        "explained": explain(made.terms, language=language),
    }


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Invalid(
            "file_exists",
            f"{path} exists already, and terms are not written over.",
            fix="Give another name to --out.",
            where=str(path),
        ) from None


@click.command("explain", cls=Command)
@click.argument("file")
@LANGUAGE
@click.option(
    "--use", type=click.Choice([use.value for use in Use]), help="Decide this use."
)
@click.option("--on", "day", type=DAY, help="Day of the use; today by default.")
@click.option("--granted", type=DAY, help="Day on which the terms began.")
@click.option("--licensor", is_flag=True, help="Asked by whoever granted the terms.")
@click.pass_context
def explain_terms(
    context: click.Context,
    /,
    *,
    file: str,
    language: str,
    use: str | None,
    day: datetime | None,
    granted: datetime | None,
    licensor: bool,
) -> None:
    """Say what terms allow.

    FILE holds UDL tags, in TOML or JSON, or is the name of a preset: open, credit,
    share-alike, paid-commercial, research-only. With --use it answers whether that
    may be done, and exits with 3 when it may not.
    """
    session, tongue = context.ensure_object(Session), Language(language)
    reading = read_tags(read_terms(file))
    for remark in reading.diagnostics:
        session.say(f"{remark.severity}: {remark.tag}: {remark.said(tongue)}")
    if use is None:
        _show_sentences(session, explain(reading.terms, language=tongue))
        return
    question = Question(
        Use(use),
        on=day.date() if day else datetime.now(UTC).date(),
        granted=granted.date() if granted else None,
        party=Party.LICENSOR if licensor else Party.ANYONE,
    )
    decision = question.answer(reading.terms, tongue)
    row = _decision_row(session, question, decision, reading.terms, tongue)
    show_one(session, row, columns=DECISION, identity="verdict")
    if not decision.allowed:
        context.exit(REFUSED)


def _show_sentences(session: Session, sentences: list[str]) -> None:
    if session.format == "table":
        click.echo("\n".join(sentences))
        return
    rows = [{"sentence": sentence} for sentence in sentences]
    show_list(session, rows, columns=["sentence"], identity="sentence")


@dataclass(frozen=True, slots=True)
class Question:
    """One use, asked about by somebody on a day."""

    use: Use
    on: date
    granted: date | None
    party: Party

    def answer(self, terms: Terms, language: Language) -> Decision:
        """What the terms say to it."""
        return decide(
            terms,
            self.use,
            on=self.on,
            granted=self.granted,
            party=self.party,
            language=language,
        )


def _decision_row(
    session: Session,
    question: Question,
    decision: Decision,
    terms: Terms,
    language: Language,
) -> dict[str, Any]:
    share = decision.revenue_share
    row: dict[str, Any] = {
        "use": question.use.value,
        "on": question.on.isoformat(),
        "granted": question.granted.isoformat() if question.granted else None,
        "verdict": decision.verdict.value,
        "allowed": decision.allowed,
        "prices": [
            {
                "amount": number_text(price.amount),
                "currency": terms.currency or DEFAULT_CURRENCY,
                "period": price.period.value,
            }
            for price in decision.prices
        ],
        "revenue_share": None if share is None else number_text(share),
        "duties": list(decision.duties),
        "reasons": list(decision.reasons),
    }
    if session.format == "table":
        row["verdict"] = say(language, f"verdict.{decision.verdict.value}")
        row["use"] = say(language, f"use.{question.use.value}")
        row["prices"] = "; ".join(
            price_words(language, terms, price) for price in decision.prices
        )
        row["revenue_share"] = "" if share is None else f"{number_text(share)} %"
        row["duties"] = " ".join(say(language, f"duty.{d}") for d in decision.duties)
        row["reasons"] = " ".join(decision.reasons)
    return row


@click.command(cls=Command)
@click.argument("file")
@LANGUAGE
@click.pass_context
def check(context: click.Context, file: str, language: str) -> None:
    """Find what is wrong with terms.

    Exits with 3 when a tag is in error: such a tag grants nothing.
    """
    session = context.ensure_object(Session)
    reading = read_tags(read_terms(file))
    columns = ["severity", "code", "tag", "understood", "sentence"]
    rows = _remarks(reading, Language(language))
    show_list(session, rows, columns=columns, identity="code")
    if reading.errors:
        context.exit(REFUSED)
    session.say("The terms can be used.")


def _remarks(reading: Reading, language: Language) -> list[dict[str, str]]:
    return [
        {
            "severity": remark.severity.value,
            "code": remark.code,
            "tag": remark.tag,
            "understood": remark.understood,
            "sentence": remark.said(language),
        }
        for remark in reading.diagnostics
    ]
