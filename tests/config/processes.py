"""A supervisor as a process of its own, and what can be seen of its family."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from config.stack.children import wait_until
from config.stack.keeper import children_of
from config.stack.layout import ROOT
from config.stack.stack import OUTSIDE

START_SECONDS = 120
PROGRAMS = {"valkey", "web", "platform", "weights", "evaluations", "beat"}


def environment(var: Path, **changes: str) -> dict[str, str]:
    """This process's environment, for a stack on ``var`` and a free port."""
    kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    ours = {
        "ASSAY_VAR": str(var),
        "ASSAY_PORT": "0",
        # Made once for all stacks that tests start.
        "ASSAY_BASE_MODELS": str(ROOT / "var" / "cache" / "base_models"),
    }
    return {**kept, **ours, **changes}


class Supervisor:
    """``python -m config.stack`` on a folder; its words are in ``words``."""

    def __init__(self, var: Path, **changes: str) -> None:
        self.var = var
        self.words = var.parent / "words.txt"
        with self.words.open("w") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.stack", "--no-seed"],
                cwd=ROOT,
                env=environment(var, **changes),
                stdout=words,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self) -> None:
        """Return when it says that it is ready; fail with its words if it ends."""
        ended_or_ready = wait_until(
            lambda: self.process.poll() is not None or self.state().get("ready", False),
            seconds=START_SECONDS,
        )
        assert ended_or_ready, self.words.read_text()
        assert self.process.poll() is None, self.words.read_text()

    def state(self) -> dict[str, object]:
        """What it wrote about itself."""
        try:
            return json.loads((self.var / "run" / "stack.json").read_text())
        except FileNotFoundError:
            return {}

    @property
    def port(self) -> int:
        return int(str(self.state()["url"]).rpartition(":")[2])

    def family(self) -> list[int]:
        """Every process below it."""
        return descendants_of(self.process.pid)

    def end(self, number: int = signal.SIGINT) -> int:
        """Send it a signal and wait; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


def descendants_of(pid: int) -> list[int]:
    """All processes below one, at any depth."""
    children = children_of(pid)
    return children + [below for child in children for below in descendants_of(child)]


def lives(pid: int) -> bool:
    """Whether a process exists and is no zombie that nobody buries."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def are_gone(pids: list[int]) -> bool:
    """Whether none of them lives."""
    return not any(lives(pid) for pid in pids)
