"""``python -m benchmarks.upload [--gib 5] [--json FILE]``.

One file goes up and comes down through our server and client, each a process of its
own, on the disk where ``sha256sum`` and ``cp`` are timed in the same run. The server
writes a file to the disk itself before it says that it has it, so ``cp`` is followed
by ``sync``; both sums are shown.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.uploads.server import WebServer

GIB, MB = 2**30, 10**6
BLOCK = 2**20
LEAST_SHARE = 0.70
MOST_BYTES = 300 * MB
# The source, the stored copy, and the one that is fetched or copied.
ROOM = 3.2


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was timed; memory of the process that did it."""

    name: str
    seconds: float
    megabytes_a_second: float
    peak_megabytes: float


def main() -> int:
    """Measure and print; returns 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=5.0, help="size of the file")
    parser.add_argument("--folder", type=Path, help="on which disk; default: /tmp")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-bench-", dir=given.folder) as made:
        folder, size = Path(made), int(given.gib * GIB)
        free = shutil.disk_usage(folder).free
        if free < size * ROOM:
            print(f"{size * ROOM / GIB:.1f} GiB are needed in {folder}: choose --gib.")
            return 2
        steps, server_peak = _measured(folder, size)
    return _report(steps, server_peak, size, given.json)


def _measured(folder: Path, size: int) -> tuple[dict[str, Step], float]:
    source = folder / "model.bin"
    _fill(source, size)
    steps = _peers(source, size)
    env = _environment(folder)
    _run(["manage.py", "migrate", "--verbosity", "0"], env)
    tokens = json.loads(_run(["-m", "benchmarks.upload.world", "people"], env))
    server = WebServer(env, folder / "server.log")
    server.start()
    ours = env | {"ASSAY_ENDPOINT": server.endpoint, "ASSAY_TOKEN": tokens["alice"]}
    client = [sys.executable, "-m", "benchmarks.upload.client"]
    try:
        up = _step("assay up", [*client, "up", str(source)], ours, size)
        sha256 = _digest(source)
        _run(["-m", "benchmarks.upload.world", "model", sha256], env)
        target = folder / "fetched.bin"
        down = [*client, "down", str(target), str(size), sha256]
        steps |= {"up": up, "down": _step("assay down", down, ours, size)}
        assert _digest(target) == sha256
        target.unlink()
        steps |= _hub(source, size, env, server.endpoint, tokens["bob"])
        return steps, server.memory() / MB
    finally:
        server.stop()


def _hub(
    source: Path, size: int, env: Mapping[str, str], endpoint: str, token: str
) -> dict[str, Step]:
    """The Hub's own client to the same server, for somebody who never sent the file."""
    hf = Path(sys.executable).parent / "hf"
    theirs = dict(env) | {
        "HF_ENDPOINT": f"{endpoint}/hub",
        "HF_TOKEN": token,
        "HF_HOME": str(source.parent / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [str(hf), "upload", "bob/large", str(source), source.name]
    return {"hf": _step("hf upload", command, theirs, size)}


def _peers(source: Path, size: int) -> dict[str, Step]:
    copy = source.with_name("copy.bin")
    env = dict(os.environ)
    source.open("rb").close()
    _step("warm", ["cat", str(source)], env, size)
    steps = {
        "sum": _step("sha256sum", ["sha256sum", str(source)], env, size),
        "copy": _step("cp", ["cp", str(source), str(copy)], env, size),
        "sync": _step("sync", ["sync", str(copy)], env, size),
    }
    copy.unlink()
    return steps


def _step(name: str, command: Sequence[str], env: Mapping[str, str], size: int) -> Step:
    began = time.perf_counter()
    process = subprocess.Popen(
        list(command), env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{name} failed: {said[-2000:]}"
        raise RuntimeError(msg)
    return Step(name, seconds, size / seconds / MB, usage.ru_maxrss * 1024 / MB)


def _fill(path: Path, size: int) -> None:
    """Bytes of which no mebibyte is like another, on the disk."""
    noise = bytearray(random.Random(7).randbytes(BLOCK))
    with path.open("wb") as file:
        for number in range(-(-size // BLOCK)):
            noise[:8] = number.to_bytes(8, "little")
            file.write(memoryview(noise)[: min(BLOCK, size - number * BLOCK)])
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    done = subprocess.run(["sha256sum", str(path)], capture_output=True, check=True)
    return done.stdout.decode().split()[0].lstrip("\\")


def _environment(folder: Path) -> dict[str, str]:
    var = folder / "var"
    (var / "static").mkdir(parents=True)
    return {
        **os.environ,
        "ASSAY_VAR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'assay.sqlite3'}",
        "STORAGE_URL": str(var / "storage"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _run(words: Sequence[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def _report(
    steps: Mapping[str, Step], server_peak: float, size: int, target: Path | None
) -> int:
    hashed, copied = steps["sum"].seconds, steps["copy"].seconds
    plain, durable = hashed + copied, hashed + copied + steps["sync"].seconds
    print(f"A file of {size / GIB:.2f} GiB, server and clients on this machine.\n")
    print(
        f"{'step':<12}{'seconds':>9}{'MB/s':>8}{'memory':>10}{'share':>9}{'of cp':>11}"
    )
    shares = {}
    for key, step in steps.items():
        line = f"{step.name:<12}{step.seconds:>9.1f}{step.megabytes_a_second:>8.0f}"
        line += f"{step.peak_megabytes:>7.0f} MB"
        if key in {"up", "down", "hf"}:
            shares[key] = (durable / step.seconds, plain / step.seconds)
            line += f"{shares[key][0]:>8.0%} {shares[key][1]:>10.0%}"
        print(line)
    print(f"{'server':<12}{'':>17}{server_peak:>7.0f} MB\n")
    memory = {"client up": steps["up"].peak_megabytes, "server": server_peak}
    memory["client down"] = steps["down"].peak_megabytes
    holds = {
        f"{name} under {MOST_BYTES / MB:.0f} MB": peak * MB < MOST_BYTES
        for name, peak in memory.items()
    }
    for key in ("up", "down"):
        word = f"{steps[key].name}: {LEAST_SHARE:.0%} of sha256sum + cp + sync"
        holds[word] = shares[key][0] >= LEAST_SHARE
    for word, held in holds.items():
        print(f"{'holds ' if held else 'MISSED'}  {word}")
    print(
        f"hf upload took {steps['hf'].seconds / steps['up'].seconds:.2f} times as long."
    )
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        figures = {
            "bytes": size,
            "steps": {key: asdict(step) for key, step in steps.items()},
            "server_peak_megabytes": server_peak,
            "shares": {k: {"durable": d, "plain": p} for k, (d, p) in shares.items()},
            "holds": holds,
        }
        target.write_text(json.dumps(figures, indent=2) + "\n")
    return int(not all(holds.values()))


if __name__ == "__main__":
    sys.exit(main())
