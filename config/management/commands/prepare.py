"""``manage.py prepare``: bring a database up to what this code expects."""

import json
from typing import Any

from django.apps import apps
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, then bootstrap; safe to repeat.

    Prints one line of JSON: ``{"empty": bool}``, whether no competition exists.
    """

    help = "Migrate and bootstrap; safe to repeat."

    def handle(self, **_options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if "bootstrap" in get_commands():
            call_command("bootstrap")
        competitions = apps.all_models["competitions"].get("competition")
        empty = competitions is None or not competitions._default_manager.exists()  # noqa: SLF001 - Django's public spelling
        self.stdout.write(json.dumps({"empty": empty}))
