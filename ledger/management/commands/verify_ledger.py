"""Prove the book's invariants and print the figures."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.statements import first_seq
from ledger.verification import Check, published, verify


class Command(BaseCommand):
    """Exits with 1 when an invariant is broken."""

    help = "Check every invariant of the ledger by query and print the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is taken on trust, what was published, and the form of the figures."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--since",
            type=_since,
            default=0,
            metavar="SEQ|DATE",
            help="take transfers before this sequence number or day (UTC) on trust",
        )
        parser.add_argument(
            "--head",
            type=_head,
            metavar="NUMBER:HEX",
            help="a head that was published, which the chain must still have",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Every check, also after a breach."""
        since = options["since"]
        checks = verify(
            since=first_seq(since) if isinstance(since, datetime) else since or 0
        )
        if options["head"]:
            checks.append(published(*options["head"]))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(check) for check in checks], indent=2))
        else:
            self.stdout.write("\n".join(_line(check) for check in checks))
        broken = [check.name for check in checks if not check.ok]
        if broken:
            msg = f"The ledger breaks {len(broken)} invariant(s): {', '.join(broken)}."
            raise CommandError(msg)


def _line(check: Check) -> str:
    verdict = "ok    " if check.ok else "BROKEN"
    figures = ", ".join(f"{name} {figure}" for name, figure in check.figures.items())
    return f"{verdict} {check.name:<14} {check.sentence} ({figures})"


def _since(text: str) -> int | datetime:
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is neither a sequence number nor a day such as 2030-05-01"
        raise ArgumentTypeError(msg) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _head(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text)
    if found is None:
        msg = f"{text!r} is not a head such as 12:9f86…, with 64 hex digits"
        raise ArgumentTypeError(msg)
    return int(found[1]), found[2]
