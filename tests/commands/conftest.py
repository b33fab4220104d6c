"""A shell in which ``assay`` is run, against the same server as the client's tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accounts.models import User
from assay.commands import main
from tests.builders.weights import bert_files
from tests.client.conftest import (  # noqa: F401 - fixtures
    _own_var,
    _static_root,
    base,
    broker,
    connect,
    contest,
    now,
    server,
    token_of,
)


@dataclass(frozen=True)
class Ran:
    """How one command ended, and what it said on each stream."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def code(self) -> str:
        """The error code that was shown."""
        lines = [line for line in self.err.splitlines() if line.startswith("Code:")]
        return lines[-1].split()[1] if lines else ""


Shell = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with a folder to work in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("ASSAY_TOKEN", raising=False)
    monkeypatch.delenv("ASSAY_ENDPOINT", raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def shell(home: Path) -> Shell:
    """Runs ``assay`` with these words, in this process; no terminal is there."""

    def run(*words: object, typed: str = "", **environment: str) -> Ran:
        runner = CliRunner()
        with (
            runner.isolation(input=typed, env=environment) as (out, err, _),
            pytest.raises(SystemExit) as ended,
        ):
            main([str(word) for word in words])
        status = ended.value.code
        assert isinstance(status, int)
        return Ran(status, out.getvalue().decode(), err.getvalue().decode())

    return run


@pytest.fixture
def as_user(shell: Shell, server: str) -> Callable[[User], Shell]:  # noqa: F811
    """``as_user(bob)("wallet", "balance")``: by token, in the environment."""

    def bound(user: User) -> Shell:
        token = token_of(user)

        def run(*words: object, **rest: str) -> Ran:
            return shell(*words, ASSAY_ENDPOINT=server, ASSAY_TOKEN=token, **rest)

        return run

    return bound


@pytest.fixture
def anyone(shell: Shell, server: str) -> Shell:  # noqa: F811
    """Somebody who is not logged in."""

    def run(*words: object, **rest: str) -> Ran:
        return shell(*words, ASSAY_ENDPOINT=server, **rest)

    return run


@pytest.fixture
def entry(home: Path) -> Path:
    """A folder with a tiny model that the contest takes."""
    return saved(home / "model", bert_files(seed=7))


def saved(folder: Path, files: dict[str, bytes]) -> Path:
    """Files in a new folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
