"""Which undeclared parents the weights give away, and what the comparison costs.

    python -m benchmarks.similarity [--cache DIR] [--short]

Exits with 1 when a pair that is no family is flagged.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import save

from assay.protocol.similarity import (
    Evidence,
    Sketch,
    TensorSketch,
    compare,
    has_family,
    index_keys,
    pack,
    sketch_files,
    unpack,
)
from benchmarks.relatives import Pair, Shop, Weights, pairs
from examples.base_models.prepare import RECIPES, prepare

STEPS, FEW_STEPS = 16, 4
KNOWN = (100, 1_000, 10_000)
CANDIDATES = 64


@dataclass(frozen=True)
class Held:
    """Bytes in memory, read piece by piece like a file."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        return self.content[offset : offset + length]


@dataclass(frozen=True)
class Verdict:
    """What the index and the comparison said of one pair."""

    pair: Pair
    evidence: Evidence | None
    shared_keys: int

    @property
    def flagged(self) -> bool:
        """Found through the index, and then by the comparison."""
        return self.evidence is not None and self.shared_keys > 0


class Bench:
    """Sketches each model once, however many pairs it is in."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Weights, Sketch]] = {}
        self.seconds = 0.0
        self.numbers = 0

    def sketch(self, weights: Weights) -> Sketch:
        known = self.made.get(id(weights))
        if known is None:
            content = Held(save({k: v.contiguous() for k, v in weights.items()}))
            began = time.process_time()
            sketch = sketch_files({"model.safetensors": content})
            self.seconds += time.process_time() - began
            self.numbers += sum(tensor.numel() for tensor in weights.values())
            # The weights are kept beside it, so that their id stays theirs.
            known = self.made[id(weights)] = (weights, sketch)
        return known[1]

    def verdict(self, pair: Pair) -> Verdict:
        content = Held(save({k: v.contiguous() for k, v in pair.child.items()}))
        child = sketch_files({"model.safetensors": content})
        known = self.sketch(pair.known)
        declared = [self.sketch(one) for one in pair.declared]
        evidence = compare(child, known, declared)
        root = next((one for one in declared if has_family(child, one)), None)
        family = "declared" if root else ""
        own = index_keys(child, root=root, family=family)
        others = index_keys(known, root=root, family=family)
        return Verdict(pair, evidence, len(own & others))


def detection(shop: Shop) -> tuple[list[Verdict], Bench]:
    """Every pair's verdict."""
    bench = Bench()
    return [bench.verdict(pair) for pair in pairs(shop)], bench


def show_detection(verdicts: list[Verdict]) -> None:
    """The table by kind of pair."""
    groups: dict[tuple[bool, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[(not verdict.pair.related, verdict.pair.kind)].append(verdict)
    title = "kind of pair"
    print(
        f"{title:<44}{'pairs':>6}{'flagged':>9}{'evidence':>10}{'alike':>9}{'keys':>7}"
    )
    for (unrelated, kind), found in sorted(groups.items(), key=lambda g: g[0][0]):
        kinds = sorted({v.evidence.kind for v in found if v.evidence})
        alike = [v.evidence.similarity for v in found if v.evidence]
        mean = f"{statistics.mean(alike):.4f}" if alike else "-"
        keys = statistics.median(v.shared_keys for v in found)
        mark = "no family: " if unrelated else ""
        count = sum(v.flagged for v in found)
        figures = f"{len(found):>6}{count:>9}{','.join(kinds) or '-':>10}"
        print(f"{mark + kind:<44}{figures}{mean:>9}{keys:>7.0f}")


def synthetic(random: np.random.Generator) -> Sketch:
    """Twelve tensors of a model that resembles no other."""
    vectors = random.normal(size=(12, 512)).astype(np.float32)
    return Sketch(
        tuple(
            TensorSketch(
                f"layer.{n}",
                (1536, 384),
                v.tobytes().hex()[:64],
                1.0,
                True,
                v,
                np.zeros(0, np.float32),
            )
            for n, v in enumerate(vectors)
        )
    )


def show_cost(real: Sketch) -> None:
    """Finding candidates among synthetic models by the index, and comparing them."""
    random = np.random.default_rng(1)
    content = pack(real)
    began = time.process_time()
    for _ in range(CANDIDATES):
        compare(real, unpack(content), [])
    comparing = time.process_time() - began
    print(
        f"\n{'known models':>12}{'keys held':>12}{'rows met':>10}{'query':>10}", end=""
    )
    print(f"{'compare at most 64':>20}")
    with tempfile.TemporaryDirectory() as folder:
        book = sqlite3.connect(Path(folder) / "keys.sqlite3")
        book.execute("CREATE TABLE held (key INTEGER, sketch INTEGER)")
        book.execute("CREATE UNIQUE INDEX once ON held (key, sketch)")
        held = 0
        for known in KNOWN:
            for number in range(held, known):
                keys = index_keys(synthetic(random))
                book.executemany(
                    "INSERT INTO held VALUES (?, ?)", [(k, number) for k in keys]
                )
            held = known
            book.commit()
            _show_one_cost(book, known, synthetic(random), comparing)


def _show_one_cost(
    book: sqlite3.Connection, known: int, newcomer: Sketch, comparing: float
) -> None:
    keys = list(index_keys(newcomer))
    places = ",".join("?" * len(keys))
    query = f"SELECT sketch, count(*) FROM held WHERE key IN ({places}) GROUP BY sketch"
    times, rows = [], []
    for _ in range(5):
        began = time.perf_counter()
        rows = book.execute(f"{query} ORDER BY 2 DESC LIMIT 64", keys).fetchall()
        times.append(time.perf_counter() - began)
    met = sum(count for _, count in book.execute(query, keys))
    total = book.execute("SELECT count(*) FROM held").fetchone()[0]
    spent = comparing * min(len(rows), CANDIDATES) / CANDIDATES
    print(
        f"{known:>12,}{total:>12,}{met:>10,}{statistics.median(times) * 1e3:>8.1f}ms"
        f"{spent * 1e3:>18.0f}ms"
    )


def main() -> int:
    """Print both tables; the exit code says whether nobody was flagged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("var/cache/base_models"))
    parser.add_argument("--short", action="store_true", help="the small model only")
    options = parser.parse_args()
    began = time.monotonic()
    if not all((options.cache / name).is_dir() for name in RECIPES):
        for name in RECIPES:
            prepare(options.cache, name)
    steps = FEW_STEPS if options.short else STEPS
    shop = Shop(options.cache, steps=steps, large=not options.short)
    verdicts, bench = detection(shop)
    show_detection(verdicts)
    wrong = [v for v in verdicts if v.evidence and not v.pair.related]
    related = [v for v in verdicts if v.pair.related]
    hits = sum(v.flagged for v in related)
    print(
        f"\n{len(verdicts)} pairs: {hits} of {len(related)} relatives flagged, "
        f"{len(wrong)} of {len(verdicts) - len(related)} others."
    )
    rate = bench.numbers / bench.seconds / 1e6
    print(f"Sketching: {rate:.0f} million numbers a second of one core.")
    if not options.short:
        show_cost(bench.sketch(shop.small))
    spent = time.monotonic() - began, time.process_time()
    print(f"\nTook {spent[0]:.0f} s, of which {spent[1]:.0f} s of one core.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
