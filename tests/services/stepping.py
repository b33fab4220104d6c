"""State machines: how many steps they take, and how many they really took.

With hypothesis' profile ``nightly`` (``make nightly``) they take many more. What was
taken is printed at the end of the run.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    run_state_machine_as_test,
)

NIGHTLY = "nightly"
PROPERTY = "steps"


def is_nightly() -> bool:
    """Whether the run is the long one."""
    return settings.get_current_profile_name() == NIGHTLY


class Walker(RuleBasedStateMachine):
    """A machine whose every step is counted, after it held."""

    taken = 0

    def __init__(self):
        super().__init__()
        self.has_begun = False

    @invariant()
    def is_counted(self):
        """Invariants run once before the first step, and after each."""
        if self.has_begun:
            type(self).taken += 1
        self.has_begun = True


def walk(
    machine: Callable[[], Walker],
    counted: type[Walker],
    request: pytest.FixtureRequest,
    *,
    steps: int,
    nightly: int,
    length: int = 50,
) -> None:
    """Take at least ``steps`` steps, or ``nightly``, in walks of ``length``.

    Raises:
        Whatever the machine finds; hypothesis prints the shortest walk to it.
    """
    wanted = nightly if is_nightly() else steps
    share = float(os.environ.get("ASSAY_STEPS_SHARE", "1")) if is_nightly() else 1
    wanted = round(wanted * share)
    counted.taken = 0
    while counted.taken < wanted:
        missing = wanted - counted.taken
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=min(200, -(-missing // length)),
                stateful_step_count=length,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    request.node.user_properties.append((PROPERTY, counted.taken))


def finds(machine: Callable[[], Walker], *, walks: int, length: int) -> bool:
    """Whether the machine meets something wrong within so many walks."""
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=walks,
                stateful_step_count=length,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
            ),
        )
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - it was seen
        return True
    return False
