"""The keys that evaluators sign with: for operators."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.keys import disown, evaluator_keys
from assay.protocol.errors import Refusal
from common.clock import database_now as now


class Command(BaseCommand):
    """Lists keys; with ``--revoke`` nothing more is believed of one."""

    help = "List the keys that receipts are signed with, or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--revoke`` a key, from ``--since`` on; ``--json`` for programs."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--revoke", metavar="KEY_ID")
        parser.add_argument(
            "--since",
            type=datetime.fromisoformat,
            help="when the key was lost; now when not given, UTC without a zone",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Revoke, then print what there is."""
        if options["revoke"]:
            self._revoke(options["revoke"], options["since"])
        rows = [key.published().to_json() for key in evaluator_keys()]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            ended = row["revoked_at"] and f"revoked {row['revoked_at']}"
            state = ended or (f"until {row['until']}" if row["until"] else "counts")
            self.stdout.write(
                f"{row['key_id']}  {row['operator']}  since {row['since']}  {state}"
            )

    def _revoke(self, name: str, since: datetime | None) -> None:
        moment = now()
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        try:
            disown(name=name, since=since or moment, now=moment)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
