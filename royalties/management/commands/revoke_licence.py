"""End a licence before its time, for a breach of its terms."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assay.protocol.errors import Refusal
from common.clock import now
from royalties.models import Licence
from royalties.selectors import is_id
from royalties.services.licensing import locked_licence, revoke


class Command(BaseCommand):
    """The status list says so from then on; no money moves."""

    help = "Revoke a licence, with the reason."

    def add_arguments(self, parser: CommandParser) -> None:
        """The licence's id, and the reason that the public status list shows."""
        parser.add_argument("licence")
        parser.add_argument("reason")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Revoke it, or say why not."""
        found = None
        if is_id(options["licence"]):
            found = Licence.objects.filter(pk=options["licence"]).first()
        if found is None:
            msg = f"There is no licence {options['licence']}."
            raise CommandError(msg)
        try:
            with transaction.atomic():
                locked = locked_licence(found)
                revoke(licence=locked, reason=options["reason"], now=now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Revoked {found.id}.")
