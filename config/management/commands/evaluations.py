"""What evaluators are doing: for operators."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import database_now as now
from competitions.models import Evaluation
from competitions.services import evaluating


class Command(BaseCommand):
    """The newest evaluations, with their leases and attempts."""

    help = "List the newest evaluations: who runs what, how far it is, what failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--json`` for programs; ``--limit`` how many; ``--requeue`` one."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--limit", type=int, default=50)
        parser.add_argument("--requeue", metavar="ID", help="one that was given up")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print them, newest first, or send one round again."""
        if options["requeue"]:
            if not evaluating.requeue(evaluation_id=options["requeue"], now=now()):
                msg = f"{options['requeue']} is no evaluation that was given up."
                raise CommandError(msg)
            self.stdout.write("It is in the queue again.")
            return
        newest = Evaluation.objects.select_related("competition", "model__owner")
        rows = [_row(one) for one in newest.order_by("-queued_at")[: options["limit"]]]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write(
                f"{row['status']:<7} {row['done']:>6}/{row['total']:<6} "
                f"attempt {row['attempts']}  {row['competition']} {row['split']}  "
                f"{row['model']}  {row['failure']}"
            )


def _row(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "id": str(evaluation.id),
        "competition": evaluation.competition.slug,
        "model": evaluation.model.reference,
        "split": evaluation.split,
        "status": evaluation.status,
        "done": evaluation.done,
        "total": evaluation.total,
        "attempts": evaluation.attempts,
        "failure": evaluation.failure_code,
    }
