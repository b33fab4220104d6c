"""``python -m benchmarks.terms``: how long a question about terms takes.

Nothing comparable decides UDL tags: its limit is 100 microseconds a use, else exit 1.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from statistics import median, quantiles
from time import perf_counter_ns

from assay.protocol.terms import (
    PRESETS,
    Language,
    Right,
    Side,
    Terms,
    Use,
    Window,
    WindowKey,
    decide,
    explain,
    for_share,
    read_tags,
    write_tags,
)

LIMIT_US = 100.0
ROUNDS = 2000
ON, GRANTED = date(2026, 6, 1), date(2024, 5, 3)


def windowed() -> Terms:
    """As many windows as terms may have, which all must be looked at."""
    windows = tuple(
        Window(WindowKey(Right.DERIVATION, Side.AFTER, year), for_share(Decimal(year)))
        for year in range(1, 33)
    )
    return replace(PRESETS["paid-commercial"].terms, windows=windows, expiry_years=40)


def measured(call: Callable[[], object]) -> tuple[float, float]:
    """Median and 99th percentile of a call, in microseconds."""
    times = []
    for _ in range(ROUNDS):
        began = perf_counter_ns()
        call()
        times.append((perf_counter_ns() - began) / 1000)
    return median(times), quantiles(times, n=100)[98]


def main() -> int:
    """Print the table; 1 when a median is over the limit."""
    subjects = {name: preset.terms for name, preset in PRESETS.items()}
    subjects["32 windows"] = windowed()
    worst = 0.0
    print(f"{'decide':<40} {'median µs':>10} {'p99 µs':>10}   limit {LIMIT_US:g}")
    for name, terms in subjects.items():
        for use in Use:
            asked = partial(decide, terms, use, on=ON, granted=GRANTED)
            middle, late = measured(asked)
            worst = max(worst, middle)
            print(f"{name + ', ' + use.value:<40} {middle:>10.1f} {late:>10.1f}")
    tags = write_tags(windowed())
    for label, call in (
        ("decide in Chinese, commercial", _in_chinese),
        ("read_tags, paid-commercial", _read),
        ("read_tags, 32 windows", lambda: read_tags(tags)),
        ("explain, 32 windows", lambda: explain(windowed())),
    ):
        middle, late = measured(call)
        print(f"{label:<40} {middle:>10.1f} {late:>10.1f}   no limit")
    print(f"slowest median of decide: {worst:.1f} µs")
    return int(worst > LIMIT_US)


def _in_chinese() -> object:
    terms = PRESETS["paid-commercial"].terms
    return decide(terms, Use.COMMERCIAL, on=ON, language=Language.CHINESE)


def _read() -> object:
    return read_tags(write_tags(PRESETS["paid-commercial"].terms))


if __name__ == "__main__":
    sys.exit(main())
