"""Harm uploads and reckon: ``python -m tests.faults.uploads --faults 30``."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.uploads.kinds import KINDS
from tests.faults.uploads.scene import Scene
from tests.faults.uploads.server import WebServer

SPARE_DESCRIPTORS = 40
"""Eight threads hold the database's three files each; a leak grows with every fault."""


def main(arguments: Sequence[str]) -> int:
    """Returns 0 only if every file ended well and nothing was left."""
    parser = argparse.ArgumentParser("python -m tests.faults.uploads")
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", type=Path, help="also write the figures there")
    chosen = parser.parse_args(arguments)
    print(f"Seed {chosen.seed}", flush=True)
    figures = harm(chosen.faults, chosen.seed)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(figures, indent=2))
    print(json.dumps(figures, indent=2))
    return 1 if figures["findings"] else 0


def harm(faults: int, seed: int) -> dict[str, Any]:
    """So many faults, one after another, and what was found."""
    done: Counter[str] = Counter()
    with _scene(seed) as (scene, environment):
        descriptors = scene.server.open_files()
        for number in range(faults):
            fault = KINDS[number % len(KINDS)]
            before = len(scene.findings)
            fault(scene)
            done[fault.__name__] += 1
            word = "ok" if len(scene.findings) == before else scene.findings[before:]
            print(f"{number + 1:3} {fault.__name__}: {word}", flush=True)
        grown = scene.server.open_files() - descriptors
        if grown > SPARE_DESCRIPTORS:
            scene.findings.append(f"the server holds {grown} descriptors more")
        left = json.loads(_run(environment, "-m", "tests.faults.uploads.reckoning"))
        for name in ("open_uploads", "rows", "files_left", "files_without_rows"):
            if left[name]:
                scene.findings.append(f"{name} after the collector: {left[name]}")
        return {
            "seed": seed,
            "faults": faults,
            "kinds": dict(done),
            "abandoned_and_collected": left["abandoned"],
            "descriptors_grown": grown,
            "server_peak_bytes": scene.server.memory(),
            "findings": scene.findings,
        }


@contextmanager
def _scene(seed: int) -> Iterator[tuple[Scene, dict[str, str]]]:
    with tempfile.TemporaryDirectory(prefix="assay-uploads-") as scratch:
        folder = Path(scratch)
        var = folder / "var"
        (var / "static").mkdir(parents=True)
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
            "ASSAY_VAR": str(var),
            "DATABASE_URL": f"sqlite:///{var / 'assay.sqlite3'}",
            "STORAGE_URL": str(var / "storage"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        token = _run(environment, "-m", "tests.faults.uploads.world").strip()
        server = WebServer(environment, folder / "server.log")
        server.start()
        chance = random.Random(seed)
        try:
            yield (
                Scene(folder, var / "storage", server, token, chance),
                environment,
            )
        finally:
            server.stop()


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
