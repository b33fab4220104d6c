"""Delete what nobody needs, or tell what that would be."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.clock import database_now
from storage.services.collecting import collect_garbage

SENTENCES = {
    "uploads": "abandoned uploads given up",
    "stagings": "folders of parts without an open upload dropped",
    "drafts": "unfinished writes dropped",
    "doomed": "files that nobody needs marked; they go after an hour",
    "deleted": "files deleted that were marked before",
    "strays": "files deleted that no row knows",
    "freed_bytes": "bytes freed",
}


class Command(BaseCommand):
    """What the beat does every hour, by hand."""

    help = "Give up abandoned uploads and delete files that nothing refers to."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to change anything, and the form of the figures."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        """Collect once and print what went."""
        dry_run = options["dry_run"]
        found = asdict(collect_garbage(now=database_now(), dry_run=dry_run))
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        if dry_run:
            self.stdout.write("Nothing was changed; this is what would be:")
        for name, sentence in SENTENCES.items():
            self.stdout.write(f"{found[name]:>15,}  {sentence}")
