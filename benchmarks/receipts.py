"""A million disputes between evaluators of five kinds: is an honest one ever slashed?

    python -m benchmarks.receipts [--disputes N] [--json FILE]

Every dispute is real: results are hashed into trees, signed roots are compared, the
first example that differs is searched by opening nodes, and a referee recomputes that
one. Exits with 1 when an honest evaluator is slashed, a base unit is lost, or a liar
who was disputed keeps the bond.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.protocol.receipts.disputes import Difference, Opening, bisect, height_of
from assay.protocol.receipts.merkle import Tree
from assay.protocol.receipts.quorum import Claim, agreed, judge, slash

DISPUTES = 1_000_000
MOST_EXAMPLES = 48
BOND = 10**24 + 7  # odd, and beyond 64 bits
Leaves = list[bytes]


@dataclass(frozen=True)
class Side:
    """An evaluator in a dispute: its kind, its tree, and how it opens nodes."""

    kind: str
    tree: Tree
    opening: Opening


def _hash(chance: random.Random) -> bytes:
    return chance.randbytes(32)


def honest(truth: Leaves, _: random.Random) -> Leaves:
    """Computes everything."""
    return truth


def lying(truth: Leaves, chance: random.Random) -> Leaves:
    """Changes a few results."""
    found = list(truth)
    for at in chance.sample(range(len(found)), min(len(found), chance.randint(1, 3))):
        found[at] = _hash(chance)
    return found


def lazy(truth: Leaves, chance: random.Random) -> Leaves:
    """Makes up all of it."""
    return [_hash(chance) for _ in truth]


def racing(truth: Leaves, chance: random.Random) -> Leaves:
    """Computes the beginning, answers first, and makes up the rest."""
    done = chance.randrange(len(truth))
    return [*truth[:done], *(_hash(chance) for _ in truth[done:])]


def crashing(truth: Leaves, chance: random.Random) -> Leaves | None:
    """Gives up half the time, and is replaced; else it is honest."""
    return None if chance.random() < 0.5 else truth


KINDS: dict[str, Callable[[Leaves, random.Random], Leaves | None]] = {
    "honest": honest,
    "lying": lying,
    "lazy": lazy,
    "racing": racing,
    "crashing": crashing,
}
TRUTHFUL = {"honest", "crashing"}


def take_part(truth: Leaves, chance: random.Random) -> Side:
    """One evaluator with an answer; whoever crashes is replaced by another."""
    while True:
        kind = chance.choice(list(KINDS))
        leaves = KINDS[kind](truth, chance)
        if leaves is not None:
            tree = Tree(leaves)
            return Side(kind, tree, _opening(kind, tree, chance))


def _opening(kind: str, tree: Tree, chance: random.Random) -> Opening:
    """A liar may also open nodes wrongly, to mislead the search."""
    if kind in TRUTHFUL or chance.random() < 0.5:
        return tree.children
    bad_level = chance.randint(1, max(1, tree.height))

    def misleading(level: int, index: int) -> tuple[bytes, ...]:
        below = tree.children(level, index)
        if level != bad_level:
            return below
        return tuple(_hash(chance) for _ in below)

    return misleading


@dataclass
class Tally:
    """What was seen so far."""

    agreed: int = 0
    disputes: int = 0
    steps: int = 0
    honest_slashed: int = 0
    liars_kept: int = 0
    lost_units: int = 0
    wrong_agreed: int = 0

    @property
    def is_right(self) -> bool:
        """Whether every promise held."""
        return not (
            self.honest_slashed
            or self.liars_kept
            or self.lost_units
            or self.wrong_agreed
        )


def dispute(
    sides: Sequence[Side], truth: Leaves, tally: Tally, met: Counter[str]
) -> None:
    """Settle one, and count what it did to whom."""
    one, other = sides
    found = bisect(
        examples=len(truth),
        roots=(one.tree.root, other.tree.root),
        openings=(one.opening, other.opening),
    )
    leaf = truth[found.index] if isinstance(found, Difference) else None
    judged = judge(found, leaf)
    tally.disputes += 1
    tally.steps += found.steps
    assert found.steps <= height_of(len(truth))
    for number, side in enumerate(sides):
        is_slashed = number in judged.wrong
        met[f"{side.kind} {'slashed' if is_slashed else 'kept'}"] += 1
        if is_slashed:
            parts = slash(BOND, challenged_rightly=judged.right is not None)
            tally.lost_units += BOND - parts.challenger - parts.budget
            tally.honest_slashed += side.kind in TRUTHFUL
    truthful = [side.kind in TRUTHFUL for side in sides]
    if any(truthful):
        tally.liars_kept += sum(
            number not in judged.wrong and not truthful[number] for number in (0, 1)
        )


def simulate(disputes: int, seed: int) -> tuple[Tally, Counter[str]]:
    """Evaluations of two until there were so many disputes."""
    chance = random.Random(seed)
    tally, met = Tally(), Counter[str]()
    while tally.disputes < disputes:
        truth = [_hash(chance) for _ in range(chance.randint(1, MOST_EXAMPLES))]
        sides = (take_part(truth, chance), take_part(truth, chance))
        claims = [Claim(str(n), side.tree.root) for n, side in enumerate(sides)]
        root = agreed(2, claims)
        if root is None:
            dispute(sides, truth, tally, met)
            continue
        tally.agreed += 1
        tally.wrong_agreed += root != Tree(truth).root
    return tally, met


def _table(met: Counter[str]) -> list[str]:
    rows = [f"{'kind':<10} {'slashed':>9} {'kept':>9} {'slashed, %':>11}"]
    for kind in KINDS:
        lost, kept = met[f"{kind} slashed"], met[f"{kind} kept"]
        share = 100 * lost / max(1, lost + kept)
        rows.append(f"{kind:<10} {lost:>9} {kept:>9} {share:>11.3f}")
    return rows


def main() -> int:
    """Simulate, print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disputes", type=int, default=DISPUTES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    begun = time.perf_counter()
    tally, met = simulate(options.disputes, options.seed)
    seconds = time.perf_counter() - begun
    print(f"{tally.disputes} disputes in {seconds:.0f} s, {tally.agreed} agreements")
    print("\n".join(_table(met)))
    print(f"steps to the example, on average: {tally.steps / tally.disputes:.2f}")
    print(f"honest evaluators slashed:        {tally.honest_slashed}")
    print(f"liars beside an honest one, free: {tally.liars_kept}")
    print(f"agreements on a wrong root:       {tally.wrong_agreed}")
    print(f"base units lost or made:          {tally.lost_units}")
    if options.json:
        figures = {**vars(tally), "seconds": seconds, "outcomes": dict(met)}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0 if tally.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
