"""After the last kill: is anything lost, doubled or left undone?

    python -m tests.faults.reckoning WORLD.json FOLDER

prints JSON: figures, and the findings, of which there should be none.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

django.setup()

from competitions.models import Competition, Stake
from ledger import selectors, verification
from ledger.models import Transfer
from ledger.services import AccountKind


def reckon(world: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Compare what was answered with what stands in the book."""
    answers = dict(_answers(folder))
    writers = {key: made for key, made in answers.items() if key.startswith("writer-")}
    stakers = {key: made for key, made in answers.items() if key.startswith("staker-")}
    posted = dict(_posted("faults"))
    staked = dict(_staked())
    checks = verification.verify()
    findings = [
        *_lost(writers, posted),
        *_lost(stakers, staked),
        *_unsettled(world["settlements"]),
        *(f"verify_ledger: {check.name}" for check in checks if not check.ok),
    ]
    return {
        "transfers_answered": len(writers),
        "transfers_in_the_book": len(posted),
        "stakes_answered": len(stakers),
        "stakes_in_the_book": len(staked),
        "settled": Competition.objects.filter(status="settled").count(),
        "invariants": len(checks),
        "findings": findings,
    }


def _answers(folder: Path) -> Iterator[tuple[str, str]]:
    for file in [*folder.glob("writer-*"), *folder.glob("staker-*")]:
        for line in file.read_text().splitlines():
            key, _, made = line.partition(" ")
            yield key, made


def _posted(caller: str) -> Iterator[tuple[str, str]]:
    rows = Transfer.objects.filter(caller=caller, kind="faults").values_list(
        "key", "id"
    )
    return ((key, str(made)) for key, made in rows)


def _staked() -> Iterator[tuple[str, str]]:
    rows = Stake.objects.filter(competition__slug="open-to-stakes")
    found = rows.values_list("transfer__key", "id")
    return ((key, str(made)) for key, made in found)


def _lost(answered: dict[str, str], stands: dict[str, str]) -> Iterator[str]:
    for key, made in answered.items():
        if stands.get(key) != made:
            yield f"{key} was answered with {made}, and the book has {stands.get(key)}"


def _unsettled(slugs: list[str]) -> Iterator[str]:
    for competition in Competition.objects.filter(slug__in=slugs):
        left = selectors.balance(
            kind=AccountKind.ESCROW,
            owner=competition.owner_key,
            asset=competition.asset_id,
        )
        settlements = Transfer.objects.filter(
            reference=competition.owner_key, kind="settlement"
        ).count()
        if competition.status != "settled" or left or settlements != 1:
            yield (
                f"{competition.slug} is {competition.status}, with {left} in escrow "
                f"and {settlements} settlements"
            )


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(reckon(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])))
    )
