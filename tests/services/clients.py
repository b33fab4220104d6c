"""Clients that strangers wrote, from the package index, each alone in a place."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import venv
from pathlib import Path

import pytest

NO_INDEX = ("No matching distribution", "Connection", "Temporary failure")


def installed(name: str, *packages: str) -> Path:
    """The ``bin`` folder of an environment with these packages and no others.

    Made once for a set of versions, and kept under ``ASSAY_TEST_CLIENTS`` or the
    system's temporary folder; where the index cannot be reached the test is skipped.
    """
    usual = Path(tempfile.gettempdir()) / f"assay-clients-{os.geteuid()}"
    home = Path(os.environ.get("ASSAY_TEST_CLIENTS", usual))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = "\n".join(packages)
    folder = home / name
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = folder / "packages.txt"
        if not mark.is_file() or mark.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, packages)
            mark.write_text(wanted)
    return folder / "bin"


def _install(folder: Path, packages: tuple[str, ...]) -> None:
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "-q", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    if any(word in done.stderr for word in NO_INDEX):
        pytest.skip(f"the package index cannot be reached: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
