"""No descendant outlives its keeper, however the end comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.stack.children import Kept, Program, wait_until
from tests.config.processes import are_gone

# Starts a grandchild in a session of its own, tells both pids and waits.
FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, getattr(signal, sys.argv[1]))
grandchild = subprocess.Popen(["sleep", "600"], start_new_session=True)
print(os.getpid(), grandchild.pid, flush=True)
{then}
"""
WAIT = "time.sleep(600)"


def family(then: str = WAIT, on_term: str = "SIG_DFL", grace: float = 30) -> Kept:
    program = Program(
        name="family",
        command=(sys.executable, "-c", FAMILY.format(then=then), on_term),
        environment=dict(os.environ),
        directory=Path.cwd(),
        grace=grace,
    )
    return Kept(program, output=subprocess.PIPE)


def pids_of(kept: Kept) -> list[int]:
    assert kept.process.stdout is not None
    return [int(pid) for pid in kept.process.stdout.readline().split()]


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept = family()
    yield kept
    kept.end()


def test_asking_a_program_to_end_ends_its_descendants(kept: Kept) -> None:
    pids = pids_of(kept)

    code = kept.end()

    assert code == 128 + signal.SIGTERM
    assert are_gone(pids)


def test_a_program_that_will_not_end_is_killed_after_its_grace() -> None:
    kept = family(on_term="SIG_IGN", grace=0.2)
    pids = pids_of(kept)

    code = kept.end()

    assert code == 128 + signal.SIGKILL
    assert are_gone(pids)


def test_what_a_program_left_running_is_killed_when_it_ends() -> None:
    kept = family(then="sys.exit(7)")
    pids = pids_of(kept)

    assert kept.wait(timeout=30) == 7
    assert are_gone(pids)


def test_a_killed_program_takes_its_descendants_along(kept: Kept) -> None:
    program, grandchild = pids_of(kept)

    os.kill(program, signal.SIGKILL)

    assert kept.wait(timeout=30) == 128 + signal.SIGKILL
    assert are_gone([grandchild])


def test_a_killed_keeper_takes_its_program_along(kept: Kept) -> None:
    program, grandchild = pids_of(kept)

    kept.process.kill()

    assert wait_until(lambda: are_gone([program]), seconds=30)
    os.kill(grandchild, signal.SIGKILL)


def test_a_program_that_does_not_exist_says_so() -> None:
    program = Program(
        name="nothing",
        command=("/nowhere/at/all",),
        environment={},
        directory=Path.cwd(),
    )
    kept = Kept(program, output=subprocess.PIPE)

    output, _ = kept.process.communicate(timeout=30)

    assert kept.wait() == 127
    assert output == "/nowhere/at/all: No such file or directory\n"
