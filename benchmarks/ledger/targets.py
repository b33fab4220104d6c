"""What the ledger is held to, and the table of what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Figures = dict[str, dict[str, dict[str, Any]]]
"""By database, measure and side: ``per_second``, ``p50_ms``, ``p99_ms``."""

# (measure, database or "" for PostgreSQL on both, beside whom, at least how many times)
RATIOS = [
    ("batch", "", "raw", 0.6),
    ("batch", "sqlite-disk", "raw", 0.6),
    ("batch", "", "hordak", 8.0),
    ("single", "postgresql-disk", "hordak", 1.0),
    ("single", "postgresql-tmpfs", "hordak", 3.0),
    ("hot", "", "hordak", 15.0),
]
WIDE_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one target holds, with the figure."""

    sentence: str
    holds: bool


def judged(figures: Figures) -> list[Verdict]:
    """Each target of the databases that were measured."""
    return [*_ratios(figures), *_wide(figures)]


def table(figures: Figures) -> str:
    """Everything that was measured, a line each."""
    head = f"{'database':<18}{'measure':<11}{'side':<8}{'a second':>12}"
    lines = [f"{head}{'p50 ms':>11}{'p99 ms':>11}{'ours is':>10}"]
    for database, measures in figures.items():
        for measure, sides in measures.items():
            for side, timing in sides.items():
                ratio = sides["ours"]["per_second"] / timing["per_second"]
                beside = "" if side == "ours" else f"{ratio:.2f} x"
                lines.append(
                    f"{database:<18}{measure:<11}{side:<8}"
                    f"{timing['per_second']:>12,.1f}{timing['p50_ms']:>11,.2f}"
                    f"{timing['p99_ms']:>11,.2f}{beside:>10}"
                )
    return "\n".join(lines)


def _ratios(figures: Figures) -> Iterator[Verdict]:
    for measure, where, side, least in RATIOS:
        for database, measures in figures.items():
            of = measures.get(measure, {})
            wanted = database == where if where else database.startswith("postgresql")
            if not wanted or side not in of:
                continue
            ratio = of["ours"]["per_second"] / of[side]["per_second"]
            yield Verdict(
                f"{database}: {measure} {ratio:.2f} x {side}, at least {least:g} x",
                holds=ratio >= least,
            )


def _wide(figures: Figures) -> Iterator[Verdict]:
    for database, measures in figures.items():
        if "wide" in measures:
            spent = measures["wide"]["ours"]["p50_ms"]
            yield Verdict(
                f"{database}: 10,000 payees in {spent:,.0f} ms, under {WIDE_MS:,.0f}",
                holds=spent < WIDE_MS,
            )
