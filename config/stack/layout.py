"""Where a stack keeps its things, and the short paths that sockets need."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from config.temporary import private_temporary

ROOT = Path(__file__).resolve().parent.parent.parent
SOCKET_PATH_BYTES = 100  # the kernel takes 107; a margin for a server's own suffix


@dataclass(frozen=True)
class Layout:
    """The folders and files under one ``var``."""

    var: Path

    @property
    def run(self) -> Path:
        """Sockets, the lock, the evaluator's token: only for this user."""
        return self.var / "run"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def valkey(self) -> Path:
        return self.var / "valkey"

    @property
    def lock(self) -> Path:
        """Held while a supervisor, or anything it started, lives."""
        return self.run / "stack.lock"

    @property
    def state(self) -> Path:
        """JSON about the stack that is up: pid and url."""
        return self.run / "stack.json"

    @property
    def evaluator_token(self) -> Path:
        """Written by ``manage.py bootstrap``."""
        return self.run / "evaluator-token"

    @property
    def evaluator_key(self) -> Path:
        """Made by the worker of evaluations at its first start."""
        return self.var / "keys" / "evaluator-key"

    @property
    def static(self) -> Path:
        """Collected static files, when somebody collected them."""
        return self.var / "static"

    @property
    def welcome(self) -> Path:
        """Who to log in as; written by whoever seeded the database."""
        return self.run / "welcome.txt"

    @property
    def seeding(self) -> Path:
        """Stands while the demo story is played; what is left says it was cut off."""
        return self.run / "seeding"

    @property
    def base_models(self) -> Path:
        return self.var / "cache" / "base_models"

    @property
    def evaluator_cache(self) -> Path:
        return self.var / "cache" / "evaluator"

    @property
    def socket(self) -> Path:
        """Valkey's socket: under ``run`` unless the kernel's limit forbids it."""
        path = self.run / "valkey.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
            return path
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]
        return private_temporary() / f"valkey-{name}.sock"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}"

    def create(self) -> None:
        """Make the folders; those with secrets are for this user alone."""
        for folder in (self.var, self.logs, self.evaluator_cache, self.static):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.valkey):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
