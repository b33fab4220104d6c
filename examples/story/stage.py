"""Where the story plays: people with their own logins, and what they can run."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parent.parent.parent
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class StoryBroken(Exception):
    """A step did not do what the story says."""


@dataclass
class Stage:
    """One running stack.

    Attributes:
        endpoint: where its web server answers.
        env: the environment in which programs speak to it.
        folder: where people keep their files.
        password: of everybody who signs up here.
    """

    endpoint: str
    env: Mapping[str, str]
    folder: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    people: dict[str, "Person"] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run an operator's command; returns what it prints."""
        return self._run([sys.executable, "manage.py", *arguments], ROOT, self.env)

    def python(self, folder: Path, *arguments: str) -> str:
        """Run a Python program in a folder, on one thread."""
        env = {**self.env, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        return self._run([sys.executable, *arguments], folder, env)

    def _run(self, command: list[str], folder: Path, env: Mapping[str, str]) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(env),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StoryBroken(
                f"{' '.join(command[1:4])} ended with {done.returncode}:\n"
                f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
            )
        return done.stdout

    def person(self, handle: str) -> "Person":
        """Who signed up under this handle."""
        return self.people[handle]

    def join(self, handle: str) -> "Person":
        """Sign up on the web page, make a token there, log the command line in."""
        person = Person(self, handle, self.folder / handle)
        person.folder.mkdir(parents=True, exist_ok=True)
        person.log_in(_token_from_pages(self.endpoint, handle, self.password))
        self.people[handle] = person
        return person


@dataclass
class Person:
    """Somebody with a folder and a logged-in command line."""

    stage: Stage
    handle: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """Their own configuration; nobody's token but theirs."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "LANG", "LC_ALL", "TMPDIR"}
        }
        return {
            **kept,
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / ".config"),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }

    def log_in(self, token: str) -> None:
        """Give the command line a token, by standard input."""
        self._call(
            ["auth", "login", "--token", "-", "--endpoint", self.stage.endpoint],
            given=token,
        )

    def run(self, *arguments: str) -> Any:
        """``assay ARGUMENTS --json``; returns what it prints, read.

        Raises:
            StoryBroken: it did not end with 0.
        """
        done = self._call([*arguments, "--json", "--yes"])
        if done.returncode:
            raise StoryBroken(
                f"{self.handle}: assay {' '.join(arguments)} ended with "
                f"{done.returncode}: {done.stdout[-1000:]}{done.stderr[-3000:]}"
            )
        return json.loads(done.stdout) if done.stdout.strip() else None

    def fail(self, *arguments: str) -> tuple[int, str]:
        """The same for what must be refused: exit code and what is said."""
        done = self._call(list(arguments))
        return done.returncode, done.stderr

    def _call(
        self, arguments: list[str], given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "assay", *arguments],
            cwd=self.folder,
            env=self.env,
            input=given if given is not None else "",
            capture_output=True,
            text=True,
            check=False,
        )


def _token_from_pages(endpoint: str, handle: str, password: str) -> str:
    with httpx2.Client(base_url=endpoint, follow_redirects=True, timeout=30) as web:
        fields = {"handle": handle, "email": "", "password": password}
        _submit(web, "/signup", fields)
        page = _submit(
            web, "/tokens", {"name": "demo", "days": "90", "scope": "person"}
        )
    found = re.search(r"assay_[A-Za-z0-9_-]{40,}", page)
    if found is None:
        raise StoryBroken(f"{handle} got no token from the tokens page.")
    return found.group()


def _submit(web: httpx2.Client, path: str, fields: Mapping[str, str]) -> str:
    """Fill in a form as a browser does; returns the page that follows."""
    form = web.get(path)
    match = CSRF.search(form.text)
    if match is None:
        raise StoryBroken(f"{path} has no form.")
    answer = web.post(
        path,
        data={**fields, "csrfmiddlewaretoken": match.group(1)},
        headers={"Referer": f"{web.base_url}{path}"},
    )
    if answer.is_error:
        raise StoryBroken(f"{path} answered {answer.status_code}.")
    return answer.text
