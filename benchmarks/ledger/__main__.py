"""Time the ledger beside raw SQL and django-hordak, on each database, in one run.

    python -m benchmarks.ledger [--seconds N] [--rounds N] [--only DATABASE]
        [--skip MEASURE] [--json FILE]

Every figure is the best of the rounds, which go around all sides: another program on
the machine then disturbs all alike.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.ledger.targets import Figures, judged, table
from tests.services.postgresql import postgresql
from tests.services.private import private_folder

SIDES = {
    "single": ("ours", "hordak"),
    "batch": ("ours", "raw", "hordak"),
    "hot": ("ours", "hordak"),
    "wide": ("ours",),  # hordak checks each of n legs against all n: minutes
    "statement": ("ours",),
}
DATABASES = ("postgresql-disk", "postgresql-tmpfs", "sqlite-disk")


def main() -> int:
    """Run everything; 1 when a target is missed."""
    options = _options()
    figures: Figures = {}
    for database in options.only or DATABASES:
        with _database(database) as environment:
            figures[database] = _measure(database, environment, options)
    print(table(figures))
    verdicts = judged(figures)
    for verdict in verdicts:
        print(f"{'holds ' if verdict.holds else 'MISSED'} {verdict.sentence}")
    if options.json:
        document = {
            "figures": figures,
            "targets": [
                {"target": one.sentence, "holds": one.holds} for one in verdicts
            ],
        }
        Path(options.json).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return int(not all(verdict.holds for verdict in verdicts))


def _measure(
    database: str, environment: dict[str, str], options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for _ in range(options.rounds):
        for measure, sides in SIDES.items():
            for side in sides if measure not in options.skip else ():
                if side == "hordak" and "sqlite" in database:
                    continue  # it needs PostgreSQL or MySQL
                timing = _run(side, measure, environment, options.seconds)
                best = found.setdefault(measure, {}).get(side)
                if best is None or timing["per_second"] > best["per_second"]:
                    found[measure][side] = timing
                print(f"{database} {measure} {side}: {timing}", file=sys.stderr)
    return found


def _run(
    side: str, measure: str, environment: dict[str, str], seconds: float
) -> dict[str, Any]:
    module = "hordak" if side == "hordak" else "ours"
    name = "raw" if side == "raw" else measure
    url = environment["HORDAK_URL" if side == "hordak" else "DATABASE_URL"]
    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.ledger.{module}", name, str(seconds)],
        env={**os.environ, **environment, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    timing: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return timing


@contextmanager
def _database(name: str) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        var = stack.enter_context(private_folder("bench"))
        environment = {"ASSAY_VAR": str(var), "OMP_NUM_THREADS": "1"}
        if name.startswith("postgresql"):
            parent = "/dev/shm" if name.endswith("tmpfs") else ""
            url = stack.enter_context(postgresql(durable=True, parent=parent))
            server = url.removesuffix("/assay")
            with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
                for made in ("assay_bench", "hordak_bench"):
                    admin.execute(f"CREATE DATABASE {made}")
            environment |= {
                "DATABASE_URL": f"{server}/assay_bench",
                "HORDAK_URL": f"{server}/hordak_bench",
            }
        else:
            environment["DATABASE_URL"] = f"sqlite:///{var / 'bench.sqlite3'}"
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            env={**os.environ, **environment},
            check=True,
        )
        yield environment


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measure")
    parser.add_argument("--rounds", type=int, default=2, help="the best counts")
    parser.add_argument("--only", action="append", choices=DATABASES)
    parser.add_argument("--skip", action="append", choices=SIDES, default=[])
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
