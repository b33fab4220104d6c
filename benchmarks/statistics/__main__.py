"""``python -m benchmarks.statistics [--quick] [--part NAME] [--json FILE]``.

Runs the simulations, prints their figures beside the targets, and ends with 1 if one
was missed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from benchmarks.statistics import climbing, crowning, foretelling, races
from benchmarks.statistics.findings import Finding, table

SEED = 20260101
PARTS: Mapping[str, Callable[..., Sequence[Finding]]] = MappingProxyType(
    {
        "crown": crowning.simulate,
        "racing": races.simulate,
        "ladder": climbing.simulate,
        "power": foretelling.simulate,
    }
)


def run(parts: Sequence[str], *, quick: bool) -> list[Finding]:
    """Run these simulations, one after the other."""
    found: list[Finding] = []
    for name in parts:
        started = time.monotonic()
        mine = PARTS[name](SEED, quick=quick)
        print(table(mine), flush=True)
        print(f"{name} took {time.monotonic() - started:.0f} s\n", flush=True)
        found += mine
    return found


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics")
    parser.add_argument("--quick", action="store_true", help="small sizes, seconds")
    parser.add_argument("--part", action="append", choices=[*PARTS], default=[])
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args(arguments)
    found = run(asked.part or list(PARTS), quick=asked.quick)
    rows = [asdict(one) | {"met": one.met} for one in found]
    document = json.dumps({"seed": SEED, "quick": asked.quick, "findings": rows})
    if asked.json:
        asked.json.write_text(document + "\n", "utf-8")
    else:
        print(document)
    return int(not all(one.met for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
