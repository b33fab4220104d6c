"""Put a fresh signing key in the place of the one that is in use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.clock import now
from royalties.services.certifying import rotate


class Command(BaseCommand):
    """Certificates of the old key stay good, unless it is compromised."""

    help = "Have a fresh key sign certificates from now on."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--compromised``: trust nothing that the old key signed."""
        parser.add_argument("--compromised", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate, and say what came of it."""
        key, signed = rotate(now=now(), compromised=options["compromised"])
        self.stdout.write(f"Key {key.key_id} signs from now on.")
        if options["compromised"]:
            self.stdout.write(f"{signed} standing licences were signed anew.")
