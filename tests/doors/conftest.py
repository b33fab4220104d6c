"""A server, and clients that strangers wrote, run as commands against it alone."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from accounts.models import User
from tests.client.conftest import (  # noqa: F401 - fixtures
    _own_var,
    _static_root,
    base,
    broker,
    connect,
    contest,
    link,
    now,
    server,
    token_of,
)

BIN = Path(sys.executable).parent
# Nothing but loopback is reached: what is asked for elsewhere meets a dead proxy.
CUT = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1,localhost",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, on one line, as a reader would search them."""
        return " ".join((self.out + self.err).split())


Run = Callable[..., Ended]


def run_program(
    *words: object, cwd: Path, env: dict[str, str], seconds: float = 120
) -> Ended:
    """Run a program to its end."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def hub_environment(home: Path, server: str, user: User | None) -> dict[str, str]:  # noqa: F811
    """Where ``hf`` and its kin look, and as whom."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        **CUT,
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": f"{server}/hub",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "OMP_NUM_THREADS": "1",
        **({"HF_TOKEN": token_of(user)} if user else {}),
    }


@pytest.fixture
def hf(tmp_path: Path, server: str) -> Callable[..., Run]:  # noqa: F811
    """``hf(alice)("auth", "whoami")``: the command of the Hub, unmodified."""

    def as_user(user: User | None = None, **more: str) -> Run:
        env = hub_environment(tmp_path / (user.username if user else "-"), server, user)

        def run(*words: object) -> Ended:
            return run_program(BIN / "hf", *words, cwd=tmp_path, env={**env, **more})

        return run

    return as_user


@pytest.fixture
def python(tmp_path: Path, server: str) -> Callable[..., Run]:  # noqa: F811
    """``python(alice)(script)``: a program that uses the Hub's libraries."""

    def as_user(user: User | None = None, **more: str) -> Run:
        env = hub_environment(tmp_path / (user.username if user else "-"), server, user)

        def run(script: str, *words: object) -> Ended:
            return run_program(
                *(sys.executable, "-c", script, *words),
                cwd=tmp_path,
                env={**env, **more},
            )

        return run

    return as_user
