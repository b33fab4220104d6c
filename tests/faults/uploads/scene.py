"""Where it happens: a server, a person with tokens, files, and a way to end well."""

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.client.proxy import BadLink, bad_link
from tests.faults.uploads.server import WebServer

PART = 8 * 2**20
WAIT_SECONDS = 180


@dataclass
class Scene:
    """What every fault is given.

    Attributes:
        findings: what was wrong, in sentences; empty when all was well.
    """

    folder: Path
    storage: Path
    server: WebServer
    token: str
    chance: random.Random
    findings: list[str] = field(default_factory=list)
    files: int = 0

    def file(self, parts: float = 2.5) -> Path:
        """A new file of so many parts, like no other."""
        self.files += 1
        path = self.folder / f"file-{self.files}"
        path.write_bytes(self.chance.randbytes(int(parts * PART)))
        return path

    def sender(
        self, path: Path, *, endpoint: str = "", token: str = ""
    ) -> "subprocess.Popen[str]":
        """A client on its way."""
        environment = {
            **os.environ,
            "ASSAY_ENDPOINT": endpoint or self.server.endpoint,
            "ASSAY_TOKEN": token or self.token,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.uploads.sender", str(path)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def outcome(self, sender: "subprocess.Popen[str]") -> dict[str, Any]:
        """What a client said at its end; it may say nothing on standard error."""
        said, noise = sender.communicate(timeout=WAIT_SECONDS)
        if noise:
            self.findings.append(f"a client wrote to standard error: {noise[-300:]}")
        return dict(json.loads(said)) if said else {}

    def send(self, path: Path, **where: str) -> dict[str, Any]:
        """Have a client send a file to its end."""
        return self.outcome(self.sender(path, **where))

    @contextmanager
    def link(self) -> Iterator[BadLink]:
        """A link that can be watched and cut."""
        with bad_link(self.server.endpoint) as link:
            yield link

    def when(self, link: BadLink, passed: int, client: "subprocess.Popen[str]") -> None:
        """Wait until so many bytes went up, or the client has ended."""
        deadline = time.monotonic() + WAIT_SECONDS
        while link.passed_up < passed and client.poll() is None:
            if time.monotonic() > deadline:
                self.findings.append("the bytes did not pass")
                return
            time.sleep(0.002)

    def ends_well(self, path: Path, *, spared: int = 0) -> None:
        """The file is sent once more, and is then here, whole and right.

        Args:
            spared: bytes that must not have been sent again.
        """
        said = self.send(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        stored = self.storage / "blobs" / digest[:2] / digest
        if said.get("sha256") != digest:
            self.findings.append(f"{path.name} did not end well: {said}")
        elif not stored.exists():
            self.findings.append(f"{path.name} is said to be here and is not")
        elif hashlib.sha256(stored.read_bytes()).hexdigest() != digest:
            self.findings.append(f"{path.name} is here with other bytes")
        elif said["sent"] > path.stat().st_size - spared:
            self.findings.append(f"{path.name} was begun anew: {said}, {spared} spared")
        path.unlink()

    def refuses(self, said: dict[str, Any], *codes: str) -> None:
        """A client was told no in a sentence that says how to go on."""
        if said.get("code") not in codes or not said.get("says") or not said.get("fix"):
            self.findings.append(f"expected {' or '.join(codes)}, and it said {said}")
