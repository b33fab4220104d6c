"""Kill, restart, reckon: ``python -m tests.faults --kills 300``."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.stack import Stack
from config.stack.children import wait_until
from config.stack.layout import ROOT
from tests.faults.killing import Killer
from tests.faults.server import Server, durable_postgresql
from tests.faults.stakers import Stakers

SETTLED_SECONDS = 300
SECONDS_A_KILL = 1.5
KILLS_A_SETTLEMENT = 3
WORLD = ("-m", "tests.faults.world")
RECKONING = ("-m", "tests.faults.reckoning")


@dataclass(frozen=True)
class Scene:
    """Where it happens: the stack, its database server, and what was made there."""

    stack: Stack
    server: Server
    world: dict[str, Any]
    folder: Path


def main(arguments: Sequence[str]) -> int:
    """Returns 0 only if nothing was lost, doubled or left undone."""
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", type=Path, help="also write the figures there")
    chosen = parser.parse_args(arguments)
    print(f"Seed {chosen.seed}", flush=True)
    with _scene(chosen.kills) as scene:
        figures = _run(scene, chosen.kills, chosen.seed)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(figures, indent=2))
    _tell(figures)
    return 1 if figures["findings"] else 0


@contextmanager
def _scene(kills: int) -> Iterator[Scene]:
    with (
        tempfile.TemporaryDirectory(prefix="assay-faults-") as scratch,
        durable_postgresql() as server,
    ):
        env = _environment(server, Path(scratch) / "var")
        folder = Path(scratch) / "said"
        folder.mkdir()
        world = _make_world(env, folder, kills)
        with Stack(var=env["ASSAY_VAR"], port=0, env=env) as stack:
            yield Scene(stack, server, world, folder)


def _environment(server: Server, var: Path) -> dict[str, str]:
    models = os.environ.get("ASSAY_BASE_MODELS", str(ROOT / "var/cache/base_models"))
    return {
        "ASSAY_VAR": str(var),
        "ASSAY_BASE_MODELS": models,
        "ASSAY_TICK_SECONDS": "1",
        "DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _make_world(env: Mapping[str, str], folder: Path, kills: int) -> dict[str, Any]:
    """Competitions that settle all through the killing, made before any clock ticks."""
    print("Making people, stakes and competitions …", flush=True)
    _python(env, "manage.py", "prepare")
    options = [
        *("--settlements", str(max(kills // KILLS_A_SETTLEMENT, 4))),
        *("--seconds", str(int(kills * SECONDS_A_KILL))),
    ]
    made: dict[str, Any] = json.loads(_python(env, *WORLD, *options))
    (folder / "world.json").write_text(json.dumps(made))
    (folder / "wallets.json").write_text(json.dumps(made["wallets"]))
    return made


def _python(env: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **env},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def _run(scene: Scene, kills: int, seed: int) -> dict[str, Any]:
    stakers = Stakers(
        scene.stack.url, scene.world["slug"], scene.world["tokens"], scene.folder
    )
    began = time.monotonic()
    with _writers(scene) as writers:
        stakers.start()
        killer = Killer(scene.stack, scene.server, writers, seed)
        killer.await_writers()
        for number in range(kills):
            target = killer.kill_one()
            if number % 20 == 19:
                elapsed = time.monotonic() - began
                print(
                    f"{elapsed:6.0f} s  {number + 1} kills, last a {target}", flush=True
                )
        stakers.end()
    wait_until(lambda: not _reckon(scene)["findings"], seconds=SETTLED_SECONDS, every=5)
    figures = _reckon(scene)
    figures["findings"] += stakers.trouble
    return {
        "kills": dict(killer.kills.most_common()),
        "seconds": round(time.monotonic() - began),
        "seed": seed,
        **figures,
    }


@contextmanager
def _writers(scene: Scene) -> Iterator[int]:
    """The process whose children post transfers; its pid."""
    with (scene.folder / "writers.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.writers"),
                *(str(scene.folder / "wallets.json"), str(scene.folder)),
            ],
            env=scene.stack.env,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process.pid
        finally:
            if process.poll() is not None:
                print(Path(log.name).read_text()[-2000:], file=sys.stderr)
            else:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _reckon(scene: Scene) -> dict[str, Any]:
    world = str(scene.folder / "world.json")
    answer = _python(scene.stack.env, *RECKONING, world, str(scene.folder))
    found: dict[str, Any] = json.loads(answer)
    return found


def _tell(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if name not in {"kills", "findings"}:
            print(f"{name.replace('_', ' '):<24} {value}")
    for target, count in figures["kills"].items():
        print(f"  killed {count:>4}  {target}")
    findings = figures["findings"]
    print(f"{len(findings)} findings" if findings else "Nothing lost, nothing doubled.")
    for finding in findings[:20]:
        print(f"  {finding}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
