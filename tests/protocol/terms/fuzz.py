# ruff: noqa: T201
"""``python -m tests.protocol.terms.fuzz [--runs N] [--seed S]``: long runs.

Real tags, changed at random. A failure prints the tags and the seed of the input, and
ends with 1. ``fuzz_guided`` is led by coverage instead.
"""

import argparse
import sys
import time
from random import Random

from tests.protocol.terms.mutating import mutated
from tests.protocol.terms.oracle import check_tags


def main(words: list[str]) -> int:
    """Run as many inputs as asked; 0 when nothing broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    return at_random(asked.runs, asked.seed)


def at_random(runs: int, seed: int) -> int:
    """Changed real tags; each input has a seed of its own."""
    began = time.monotonic()
    for number in range(runs):
        tags = mutated(Random(f"{seed}:{number}"))
        try:
            check_tags(tags)
        except Exception:
            print(f"input {seed}:{number} broke: {tags!r}", file=sys.stderr)
            raise
        if number % 50_000 == 49_999:
            pace = (number + 1) / (time.monotonic() - began)
            print(f"{number + 1} inputs, {pace:.0f} a second", flush=True)
    print(f"{runs} inputs from seed {seed}: nothing broke")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
