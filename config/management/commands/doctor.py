"""``manage.py doctor``: attack the jail on this host and say what held."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluator.jail.attacking import AttackReport, attack_all
from evaluator.jail.doctor import LayerReport, examine
from evaluator.jail.errors import JailBrokenError


class Command(BaseCommand):
    """Print every layer and every attack; fail if a layer or an attack says so."""

    help = "Attack the jail on this host; fail if a layer is missing or an attack wins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--json`` and ``--layers``."""
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument(
            "--layers", action="store_true", help="only the layers, in a second or two"
        )

    def handle(self, **options: Any) -> None:
        layers = examine()
        missing = [one.name for one in layers if one.required and not one.active]
        attacks = [] if options["layers"] or missing else _attacks()
        if options["json"]:
            found = {
                "layers": [asdict(one) for one in layers],
                "attacks": [asdict(one) for one in attacks],
            }
            self.stdout.write(json.dumps(found))
        else:
            self._print(layers, attacks)
        if missing:
            raise CommandError(f"The jail lacks {', '.join(missing)}: no evaluation.")
        through = [one.name for one in attacks if not one.stopped_by]
        if through:
            raise CommandError(f"Got through the jail: {', '.join(through)}.")

    def _print(self, layers: list[LayerReport], attacks: list[AttackReport]) -> None:
        for layer in layers:
            self.stdout.write(f"{state(layer):<9} {layer.name:<20} {layer.sentence}")
        for attack in attacks:
            word = "stopped" if attack.stopped_by else "THROUGH"
            self.stdout.write(f"{word:<9} {attack.name:<24} {attack.stopped_by}")
        if attacks:
            stopped = sum(bool(one.stopped_by) for one in attacks)
            self.stdout.write(f"{stopped} of {len(attacks)} attacks were stopped.")


def _attacks() -> list[AttackReport]:
    try:
        return attack_all()
    except JailBrokenError as broken:
        raise CommandError(f"The jail cannot be attacked: {broken}") from broken


def state(layer: LayerReport) -> str:
    """One word for whether the layer holds."""
    if layer.active:
        return "holds"
    return "MISSING" if layer.required else "absent"
