"""``manage.py doctor``: attack the jail on this host and say what held."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluator.jail.doctor import LayerReport, examine


class Command(BaseCommand):
    """Print every layer of the jail; exit non-zero if a required one is missing."""

    help = "Attack the jail on this host; fail if a required layer does not hold."

    def handle(self, **_options: Any) -> None:
        layers = examine()
        for layer in layers:
            self.stdout.write(f"{state(layer):<9} {layer.name:<20} {layer.sentence}")
        missing = [
            layer.name for layer in layers if layer.required and not layer.active
        ]
        if missing:
            raise CommandError(f"The jail lacks {', '.join(missing)}: no evaluation.")


def state(layer: LayerReport) -> str:
    """One word for whether the layer holds."""
    if layer.active:
        return "holds"
    return "MISSING" if layer.required else "absent"
