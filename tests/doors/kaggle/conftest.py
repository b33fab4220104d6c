"""The real web server, and Kaggle's own command pointed at it as at a proxy."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tests.client.conftest import token_of
from tests.doors.conftest import Ended, run_program
from tests.services.clients import installed

ROOT = Path(__file__).parents[3]


@pytest.fixture
def gunicorn(server: str, settings: Any) -> Iterator[str]:
    """A web server as `make run` starts it, over the test's own database.

    Django's live server does not read addresses as proxies get them; this one does.
    """
    if connection.vendor != "sqlite":
        pytest.skip("the server finds the database by its file")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.set_inheritable(True)
        environment = {
            **os.environ,
            "ASSAY_VAR": str(settings.VAR),
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "STORAGE_URL": str(settings.STORAGE_PATH),
            "ASSAY_KEYS": str(settings.KEYS_PATH),
            "REDIS_URL": settings.REDIS_URL,
        }
        running = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi"),
                *("--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"),
                *("--threads", "4", "--no-control-socket", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()],
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(20)


@dataclass(frozen=True)
class Kaggle:
    """The command as one person runs it."""

    program: Path
    env: dict[str, str]
    cwd: Path

    def __call__(self, *words: object) -> Ended:
        return run_program(self.program, "-W", *words, cwd=self.cwd, env=self.env)

    def begin(self, *words: object) -> "subprocess.Popen[str]":
        """Start it and go on."""
        return subprocess.Popen(
            [str(word) for word in (self.program, "-W", *words)],
            cwd=self.cwd,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def kaggle(gunicorn: str, tmp_path: Path) -> Callable[..., Kaggle]:
    """``kaggle(bob)("competitions", "list")``: the command, unmodified."""
    # It does not say that it needs six.
    tools = installed("kaggle", "kaggle==2.2.*", "six==1.*")

    def as_user(user: User | None, *, key: bool = False) -> Kaggle:
        home = tmp_path / f"home-{user.username if user else 'nobody'}"
        home.mkdir(exist_ok=True)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "http_proxy": gunicorn,
            "https_proxy": "http://127.0.0.1:9",
        }
        if user and key:  # as set-ups did it before there were tokens
            told = {"username": user.username, "key": token_of(user)}
            (home / ".kaggle").mkdir()
            (home / ".kaggle" / "kaggle.json").write_text(json.dumps(told))
            (home / ".kaggle" / "kaggle.json").chmod(0o600)
        elif user:
            env["KAGGLE_API_TOKEN"] = token_of(user)
        return Kaggle(tools / "kaggle", env, tmp_path)

    return as_user
