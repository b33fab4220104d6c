"""What a person at a terminal sees."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from catalogue.models import Model
from tests.client.conftest import token_of

Terminal = Callable[..., str]


@pytest.fixture
def terminal(server: str, alice: User, home: Path) -> Terminal:
    """Runs ``assay`` on a terminal of 100 columns; returns what appears on it."""
    environment = {
        **os.environ,
        "ASSAY_ENDPOINT": server,
        "ASSAY_TOKEN": token_of(alice),
        "COLUMNS": "100",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TERM": "xterm-256color",
    }

    def run(*words: str, prompt: bytes = b"", typed: bytes = b"") -> str:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "assay", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
        )
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
                if prompt and prompt in seen:
                    os.write(ours, typed)
                    prompt = b""
        except OSError:
            pass  # the other end is closed: it has ended
        os.close(ours)
        process.wait()
        return seen.decode()

    return run


@pytest.mark.usefixtures("base")
def test_a_download_shows_a_bar_that_reaches_the_end(terminal: Terminal) -> None:
    seen = terminal("model", "download", "charlie/tiny-bert", "weights")

    assert "━" in seen
    assert "charlie/tiny-bert" in seen
    assert Path("weights/model.safetensors").exists()


def test_a_list_is_a_table_with_bold_titles(terminal: Terminal, base: Model) -> None:
    seen = terminal("model", "list")

    assert "\x1b[1mREFERENCE" in seen
    assert base.reference in seen


def test_an_error_is_in_colour(terminal: Terminal) -> None:
    seen = terminal("model", "show", "no/such")

    assert "\x1b[31m" in seen
    assert "model_not_found" in seen


def test_a_token_is_asked_for_and_not_shown(
    terminal: Terminal, bob: User, home: Path
) -> None:
    token = token_of(bob)

    seen = terminal("auth", "login", prompt=b"Token: ", typed=f"{token}\n".encode())

    assert "Token:" in seen
    assert "You are bob" in seen
    assert token not in seen.split("Token:", 1)[1]
