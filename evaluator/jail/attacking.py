"""Every attack of the battery against the jail as it is, and which layer stops each.

The verdict is that of a real run, behind all layers. Which layer it was is found by
letting the attack try behind fewer of them: the first that it fails behind stopped it.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.jail import battery, rlimits, seccomp
from evaluator.jail.doctor import behind_walls
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.ground import ground
from evaluator.jail.program import Program
from evaluator.jail.run import run_program
from evaluator.job import JailFailed, Job, Limits, Measured, ModelFailed

LIMITS = Limits(
    memory_bytes=512 << 20,
    cpu_seconds=20,
    wall_seconds=60,
    processes=16,
)
_MODULE = "evaluator.jail.battery"
BATTERY = Program(f"{_MODULE}:battery", f"{_MODULE}:NoFault", f"{_MODULE}:VERSION")
LETHAL = Program(f"{_MODULE}:lethal", f"{_MODULE}:NoFault", f"{_MODULE}:VERSION")
GOT_THROUGH = ""
Host = Mapping[str, Any]


@dataclass(frozen=True)
class AttackReport:
    """One attack, and the layer that stopped it; empty when none did."""

    name: str
    stopped_by: str


def attack_all() -> list[AttackReport]:
    """Try every attack behind every layer; takes some seconds.

    Raises:
        JailBrokenError: the jail cannot be built, so nothing was tried.
    """
    with ground(LIMITS) as host:
        reached = _in_the_jail(host)
        fewer = _behind_fewer(host)
        reports = [
            AttackReport(name, GOT_THROUGH if reached[name] else _first(name, fewer))
            for name in battery.SURVIVED
        ]
        return reports + [_lethal(name, host) for name in battery.LETHAL]


def _in_the_jail(host: Host) -> dict[str, bool]:
    """What each attack reached behind all layers, in one run."""
    outcome = run_program(BATTERY, _job(host), LIMITS, lambda *_: True)
    if isinstance(outcome, Measured):
        return {one.id: bool(one.scores[0]) for one in outcome.outputs}
    raise JailBrokenError(outcome.code, outcome.sentence)


def _lethal(name: str, host: Host) -> AttackReport:
    outcome = run_program(LETHAL, _job(host, attack=name), LIMITS, lambda *_: True)
    match outcome:
        case ModelFailed(code="forbidden_call"):
            return AttackReport(name, "seccomp")
        case Measured() if not outcome.outputs[0].scores[0]:
            return AttackReport(name, "namespaces")
        case JailFailed(code, sentence):
            raise JailBrokenError(code, sentence)
    return AttackReport(name, GOT_THROUGH)


def _behind_fewer(host: Host) -> list[tuple[str, Mapping[str, bool]]]:
    """What each attack reaches behind the first layer, the first two, and so on."""
    sealing = {"sealing": rlimits.sealing(LIMITS)}
    outer = seccomp.outer_filter(platform.machine())
    steps: list[tuple[str, dict[str, Any], bytes | None]] = [
        ("namespaces", {}, None),
        ("limits", sealing, None),
        ("seccomp", {**sealing, "seccomp": True}, outer),
    ]
    return [
        (layer, behind_walls({**host, **more}, list(battery.SURVIVED), filter_))
        for layer, more, filter_ in steps
    ]


def _first(name: str, fewer: list[tuple[str, Mapping[str, bool]]]) -> str:
    held = (layer for layer, reached in fewer if not reached.get(name))
    return next(held, "landlock")


def _job(host: Host, **more: str) -> Job:
    return Job(
        task_type="text_classification",
        options={**host, **more},
        model_dir=Path(host["model"]),
        base_dir=None,
        inputs=Path(host["inputs"]),
        tokenizer_dir=Path(host["model"]),
    )
