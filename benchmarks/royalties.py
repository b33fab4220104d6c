"""Royalties against the clock: one deep payment, vouchers, and decisions.

``python -m benchmarks.royalties [--json FILE]`` prints a table: a payment through a
lineage of 20 levels with 10,000 contributors on SQLite and PostgreSQL (a durable
server on this disk), voucher checks a second beside the signature library's own
limit in the same run, and the time of ``decide``.
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.protocol import signatures, vouchers
from assay.protocol import terms as udl
from assay.protocol.canonical import canonical_bytes
from tests.services.postgresql import postgresql
from tests.services.private import private_folder

ROOT = Path(__file__).resolve().parents[1]
LEVELS, CONTRIBUTORS = 20, 10_000
TARGETS = {
    "payment_seconds": 1.0,
    "voucher_checks_per_second": 1_000,
    "decide_microseconds": 100.0,
}


def main() -> int:
    """Measure everything; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--settle", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.settle:
        settle()
        return 0
    figures = {"sqlite": on(sqlite), "postgresql": on(durable_postgresql)}
    figures |= {"vouchers": voucher_checks(), "decide": decisions()}
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return report(figures)


@contextmanager
def sqlite() -> Iterator[str]:
    """A database file on this disk, in WAL mode with synchronous=FULL."""
    with private_folder("bench") as folder:
        yield f"sqlite:///{folder / 'bench.sqlite3'}"


@contextmanager
def durable_postgresql() -> Iterator[str]:
    """A server on this disk whose commits survive a power cut."""
    with postgresql(durable=True) as url:
        yield url.rsplit("/", 1)[0] + "/postgres"  # the database that is there


def on(database: Callable[[], Any]) -> dict[str, Any]:
    """The payment in a process of its own, because Django has one database."""
    with database() as url, private_folder("var") as var:
        environment = {**os.environ, "DATABASE_URL": url, "ASSAY_VAR": str(var)}
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.royalties", "--settle"],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def settle() -> None:
    """Set Django up for the database that the environment names, and pay there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    runpy.run_module("benchmarks.lineage", run_name="__main__")


def per_second(work: Callable[[], object], *, for_seconds: float = 1.5) -> float:
    """How often the work can be done in a second on one core; the best of three."""
    best = 0.0
    for _ in range(3):
        count, began = 0, time.process_time()
        while time.process_time() - began < for_seconds:
            work()
            count += 1
        best = max(best, count / (time.process_time() - began))
    return best


def voucher_checks() -> dict[str, float]:
    """Full checks of a voucher, beside the library's bare verification."""
    seed = bytes(range(32))
    meter = vouchers.Meter("m" * 36, signatures.public_key(seed), 3, 10**30, {})
    signed = vouchers.sign_voucher(seed, vouchers.Voucher(meter.id, 0, 10, 30))
    document = signed.to_json()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, message = key.public_key(), canonical_bytes(signed.voucher.document())
    raw = key.sign(message)
    ours = per_second(lambda: vouchers.due(meter, vouchers.read_voucher(document)))
    limit = per_second(lambda: public.verify(raw, message))
    return {"per_second": ours, "library_limit": limit, "ratio": limit / ours}


def decisions() -> dict[str, float]:
    """Microseconds of one ``decide`` over terms with fees and windows."""
    tags = {
        "License": udl.V02,
        "Commercial-Use": "Allowed-With-Fee-One-Time-25",
        "After-2-Years-Commercial-Use": "Allowed",
        "Derivation": "Allowed-With-RevenueShare-10%",
        "Currency": "AST",
    }
    terms = udl.read_tags(tags).terms
    on_day, granted = date(2027, 3, 1), date(2026, 3, 1)
    rate = per_second(
        lambda: udl.decide(terms, udl.Use.COMMERCIAL, on=on_day, granted=granted)
    )
    return {"microseconds": 1e6 / rate}


def report(figures: Mapping[str, Any]) -> int:
    """Print the table; returns 1 when a target is missed."""
    checked = figures["vouchers"]
    enough = (
        checked["per_second"] >= TARGETS["voucher_checks_per_second"]
        or checked["ratio"] <= 1.5
    )
    rows = [
        *(
            (
                f"payment, {LEVELS} levels, {CONTRIBUTORS:,} contributors, {name}",
                f"{figures[name]['median']:.3f} s ({figures[name]['cpu']:.2f} s CPU)",
                f"< {TARGETS['payment_seconds']:.0f} s",
                figures[name]["median"] < TARGETS["payment_seconds"],
            )
            for name in ("sqlite", "postgresql")
        ),
        (
            "voucher checks a second and core",
            f"{checked['per_second']:,.0f} ({checked['ratio']:.2f} x the library)",
            ">= 1,000 or 1.5 x",
            enough,
        ),
        (
            "the signature library's limit",
            f"{checked['library_limit']:,.0f}",
            "",
            True,
        ),
        (
            "decide()",
            f"{figures['decide']['microseconds']:.1f} us",
            f"< {TARGETS['decide_microseconds']:.0f} us",
            figures["decide"]["microseconds"] < TARGETS["decide_microseconds"],
        ),
    ]
    width = max(len(name) for name, *_ in rows)
    for name, found, target, holds in rows:
        word = ("ok" if holds else "MISSED") if target else ""
        print(f"{name:<{width}}  {found:>26}  {target:<18} {word}".rstrip())
    return int(not all(holds for *_, holds in rows))


if __name__ == "__main__":
    sys.exit(main())
