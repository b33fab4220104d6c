"""What a file says of licence terms, to whoever has nothing but the file."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from assay.commands.known_licences import facts_row
from assay.commands.output import show_one
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.terms import LANGUAGE
from assay.documents import Carried
from assay.documents.reading import read_document
from assay.protocol.errors import NotFound
from assay.protocol.licences import read_expression
from assay.protocol.terms import (
    NAMED_USES,
    Decision,
    Language,
    Terms,
    decide,
    explain,
    number_text,
    price_words,
    read_tags,
    say,
)

SHOW = [
    "document",
    "model",
    "licence",
    "granted",
    "parents",
    "explained",
    "uses",
    "pay",
    "page",
]


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@LANGUAGE
@click.pass_obj
def inspect(session: Session, file: Path, language: str) -> None:
    """Say what terms a file carries, whom to pay.

    FILE is weights (.safetensors), a model card (README.md), a CycloneDX bill of
    materials, or a file of tags. Nothing is asked of any server, and nothing in a
    file is proof: its digest can be compared with the model's page.
    """
    carried, tongue = read_document(file), Language(language)
    row = _origin(carried)
    if carried.tags is not None:
        row |= _under_udl(session, carried, carried.tags, tongue)
    elif carried.licence:
        row |= _under_another(carried.licence)
    else:
        raise NotFound(
            "no_terms",
            f"{file} says nothing of licence terms.",
            fix="Look for its model card, or ask whoever gave it to you.",
            where=str(file),
        )
    show_one(session, row, columns=SHOW, identity="licence")


def _origin(carried: Carried) -> dict[str, Any]:
    return {
        "document": carried.document,
        "model": carried.model,
        "digest": carried.digest,
        "page": carried.page,
        "licence": carried.licence,
        "granted": carried.granted.isoformat() if carried.granted else None,
        "parents": [
            " ".join(filter(None, (parent.reference, parent.digest)))
            for parent in carried.parents
        ],
        "tags": dict(carried.tags or {}),
        "pay": "",
    }


def _under_udl(
    session: Session, carried: Carried, tags: Mapping[str, str], language: Language
) -> dict[str, Any]:
    reading = read_tags(tags)
    for remark in reading.diagnostics:
        session.say(f"{remark.severity}: {remark.tag}: {remark.said(language)}")
    terms, today = reading.terms, datetime.now(UTC).date()
    version = f"udl-{terms.version}" if terms.version else "not known"
    sentences = explain(terms, language=language)
    uses: Any = list(_uses(terms, carried.granted, today, language))
    if session.format == "table":
        sentences, uses = [" ".join(sentences)], [_in_words(use) for use in uses]
    return {
        "licence": version,
        "explained": sentences,
        "uses": uses,
        "pay": _payee(terms, carried),
    }


def _uses(
    terms: Terms, granted: date | None, today: date, language: Language
) -> Iterable[dict[str, Any]]:
    for use in NAMED_USES:
        found = decide(terms, use, on=today, granted=granted, language=language)
        yield {
            "use": use.value,
            "verdict": found.verdict.value,
            "said": say(language, f"verdict.{found.verdict.value}"),
            "prices": [price_words(language, terms, price) for price in found.prices],
            "revenue_share": _share(found),
            "duties": list(found.duties),
            "reasons": list(found.reasons),
        }


def _share(found: Decision) -> str | None:
    share = found.revenue_share
    return None if share is None else number_text(share)


def _in_words(use: dict[str, Any]) -> str:
    share = f"{use['revenue_share']} %" if use["revenue_share"] else ""
    owed = "; ".join(filter(None, [*use["prices"], share, *use["duties"]]))
    return f"{use['use']}: {use['said']}" + (f" ({owed})" if owed else "")


def _payee(terms: Terms, carried: Carried) -> str:
    """Whom to pay, as far as the file says."""
    owner = carried.model.partition("/")[0] if "/" in carried.model else ""
    payee = terms.payment_address or owner
    place = f"at {carried.page}" if carried.page else ""
    return " ".join(filter(None, (payee, place)))


def _under_another(licence: str) -> dict[str, Any]:
    options = read_expression(licence).options
    sentences = [
        f"{facts.name} is not known here; what is not known counts as no."
        for facts in options
        if not facts.is_known
    ]
    return {
        "licence": licence,
        "explained": sentences,
        "uses": [facts_row(facts) for facts in options if facts.is_known],
    }
