"""Prove the book's invariants and print the figures."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.verification import Check, verify


class Command(BaseCommand):
    """Exits with 1 when an invariant is broken."""

    help = "Check every invariant of the ledger by query and print the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        checks = verify()
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
