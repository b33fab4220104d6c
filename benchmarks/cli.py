"""How long a person waits for the command line, beside the Hub's own.

``python -m benchmarks.cli [--json FILE] [--rounds N]`` starts a whole stack on this
machine, runs each command as a program of its own, in turns with its peer, and prints
the median seconds on the clock and of processor time.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from config.stack import Stack
from examples.story.stage import Stage

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ASSAY, HF = [sys.executable, "-m", "assay"], [str(BIN / "hf")]


@dataclass(frozen=True, slots=True)
class Measure:
    """A command, its peer, and the most seconds that it may take."""

    name: str
    ours: Sequence[str]
    peer: Sequence[str]
    limit: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """Medians in seconds; ``ratio`` is the peer's time over ours."""

    name: str
    seconds: float
    cpu_seconds: float
    peer_seconds: float
    ratio: float
    limit: float | None

    @property
    def holds(self) -> bool:
        """Whether it is within its limit, where it has one."""
        return self.limit is None or self.seconds <= self.limit


MEASURES = (
    Measure("assay --help", [*ASSAY, "--help"], [*HF, "--help"], 0.3),
    Measure(
        "assay competition --help",
        [*ASSAY, "competition", "--help"],
        [*HF, "download", "--help"],
        0.3,
    ),
    Measure(
        "assay auth whoami", [*ASSAY, "auth", "whoami"], [*HF, "auth", "whoami"], 0.5
    ),
    Measure(
        "assay model list", [*ASSAY, "model", "list"], [*HF, "auth", "whoami"], None
    ),
)


def main() -> int:
    """Measure everything; returns 1 when a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        env = {"ASSAY_BASE_MODELS": os.environ.get("ASSAY_BASE_MODELS", folder)}
        with Stack(var=Path(folder) / "var", port=0, env=env) as running:
            stage = Stage(running.url, running.env, Path(folder) / "people")
            stage.join("bench")
            found = [
                measured(one, environment_of(stage), given.rounds) for one in MEASURES
            ]
    if given.json:
        rows = [asdict(one) for one in found]
        given.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    return report(found)


def environment_of(stage: Stage) -> dict[str, str]:
    """Both clients at our server, with the same token."""
    person = stage.person("bench")
    said = subprocess.run(
        [*ASSAY, "auth", "token"],
        env=person.env,
        check=True,
        capture_output=True,
        text=True,
    )
    token = said.stdout.strip()
    return person.env | {
        "ASSAY_ENDPOINT": stage.endpoint,
        "ASSAY_TOKEN": token,
        "HF_ENDPOINT": f"{stage.endpoint}/hub",
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }


def measured(one: Measure, env: Mapping[str, str], rounds: int) -> Found:
    """Run the two in turns; the first round only warms the disk."""
    ours, peer = [], []
    for _ in range(rounds + 1):
        ours.append(run(one.ours, env))
        peer.append(run(one.peer, env))
    seconds = statistics.median(wall for wall, _ in ours[1:])
    theirs = statistics.median(wall for wall, _ in peer[1:])
    busy = statistics.median(cpu for _, cpu in ours[1:])
    return Found(one.name, seconds, busy, theirs, theirs / seconds, one.limit)


def run(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds on the clock, and of processor time."""
    before, began = _cpu(), time.perf_counter()
    subprocess.run(command, env=dict(env), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began, _cpu() - before


def _cpu() -> float:
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def report(found: Sequence[Found]) -> int:
    """Print the table; returns 1 when a limit is exceeded."""
    print(f"{'command':<26}{'seconds':>9}{'CPU':>8}{'hf':>8}{'ratio':>8}  limit")
    for one in found:
        limit = "" if one.limit is None else f"< {one.limit} s"
        word = "" if one.limit is None else (" ok" if one.holds else " MISSED")
        print(
            f"{one.name:<26}{one.seconds:>9.3f}{one.cpu_seconds:>8.3f}"
            f"{one.peer_seconds:>8.3f}{one.ratio:>7.1f}x  {limit}{word}".rstrip()
        )
    return int(not all(one.holds for one in found))


if __name__ == "__main__":
    sys.exit(main())
