"""One supervised stack: broker, web server, workers and beat over one ``var``."""

import json
import os
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import redis

from assay.protocol.errors import Unavailable
from config import environment
from config.stack import preflight, preparation, readiness
from config.stack.children import Child, Program, wait_until
from config.stack.console import Console
from config.stack.layout import ROOT, Layout
from config.stack.programs import Programs

READY_SECONDS = 90.0
BROKER_SECONDS = 15.0
HOPELESS_DEATHS = 3  # who died so often before all was ready will go on dying
# A stack in a folder of its own must not reach into what the variables of the
# surrounding process name; whoever wants that says so by ``env``.
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "ASSAY_KEYS", "ASSAY_PUBLIC_URL")


class Stack:
    """Starts a stack, keeps it running, and ends all of it.

    Args:
        var: the folder that it writes to; by default ``ASSAY_VAR``, else ``./var``.
            With a folder of its own, a stack has its own database, broker, storage
            and keys there, whatever this process's environment says.
        port: of the web server on loopback, 0 for a free one; by default
            ``ASSAY_PORT``, else 8000.
        env: variables set on top of this process's environment.
        console: what to say where; silent by default.
    """

    def __init__(
        self,
        *,
        var: Path | str | None = None,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        console: Console | None = None,
    ) -> None:
        folder = var or environment.text("ASSAY_VAR", str(ROOT / "var"))
        self.layout = Layout(Path(folder).resolve())
        self.port = environment.number("ASSAY_PORT", 8000) if port is None else port
        self.console = console or Console(None)
        outside = OUTSIDE if var else ()
        inherited = {k: v for k, v in os.environ.items() if k not in outside}
        self.env: dict[str, str] = {**inherited, **(env or {})}
        self.is_empty = False
        self._children: dict[str, Child] = {}
        self._lock: TextIO | None = None
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the web server answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything and return when ``/readyz`` is good.

        Afterwards ``env`` is the environment in which other programs speak to this
        stack, and ``is_empty`` says whether it has no competition yet.

        Raises:
            Unavailable: something that it needs is missing, or a part did not start.
            Conflict: another stack runs on the same ``var``.
        """
        began = datetime.now(UTC)
        preflight.require_jail()
        try:
            listener = self._claim()
            self._set_environment()
            self._start_broker()
            self._prepare()
            self._start_programs(listener)
            self._await_ready(began)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all programs, the broker last, and give everything back."""
        broker = self._children.pop("valkey", None)
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.end()
        if broker:
            broker.end()
        self._children.clear()
        self._release()

    def pids(self) -> dict[str, int]:
        """The process id of each program that lives, by its name."""
        found = {name: child.pid for name, child in self._children.items()}
        return {name: pid for name, pid in found.items() if pid is not None}

    def run(self, name: str, *arguments: str) -> list[str]:
        """Run ``python ARGUMENTS`` against this stack; its lines are said as they come.

        Raises:
            Unavailable: it failed.
        """
        program = self._programs.python(name, *arguments)
        return preparation.run(program, self.layout, say=self.console.say)

    @property
    def _programs(self) -> Programs:
        locks = (self._lock.fileno(),) if self._lock else ()
        return Programs(layout=self.layout, environment=self.env, locks=locks)

    def _claim(self) -> socket.socket:
        preflight.claim_folder(self.layout)
        self._lock = preflight.claim_lock(self.layout)
        self._listener = preflight.claim_port(self.port)
        self.port = self._listener.getsockname()[1]
        self._write_state(ready=False)
        return self._listener

    def _write_state(self, *, ready: bool) -> None:
        facts = {"pid": os.getpid(), "url": self.url, "ready": ready}
        fresh = self.layout.state.with_suffix(".new")
        fresh.write_text(json.dumps(facts))
        fresh.replace(self.layout.state)

    def _release(self) -> None:
        if self._listener:
            self._listener.close()
        if self._lock:
            self.layout.state.unlink(missing_ok=True)
            self._lock.close()
        self._listener = self._lock = None

    def _set_environment(self) -> None:
        self.env["ASSAY_VAR"] = str(self.layout.var)
        self.env["ASSAY_PORT"] = str(self.port)
        self.env["ASSAY_ENDPOINT"] = self.url
        self.env["PYTHONUNBUFFERED"] = "1"
        self.env.setdefault("REDIS_URL", self.layout.broker_url)
        self.env.setdefault("ASSAY_BASE_MODELS", str(self.layout.base_models))

    def _start_broker(self) -> None:
        """Start Valkey, unless ``REDIS_URL`` names another server."""
        if self.env["REDIS_URL"] != self.layout.broker_url:
            return
        self._start(self._programs.valkey())
        with redis.Redis(unix_socket_path=str(self.layout.socket)) as client:
            self._await("The broker", lambda: _answers(client), seconds=BROKER_SECONDS)

    def _prepare(self) -> None:
        folder = Path(self.env["ASSAY_BASE_MODELS"])
        preparation.prepare_base_models(
            self._programs, folder=folder, say=self.console.say
        )
        self.is_empty = preparation.prepare_database(self._programs)

    def _start_programs(self, listener: socket.socket) -> None:
        token_file, programs = self.layout.evaluator_token, self._programs
        token = token_file.read_text().strip() if token_file.exists() else ""
        self._start(programs.web(listener.fileno()))
        self._start(programs.platform())
        self._start(programs.weights())
        self._start(programs.evaluations(token))
        self._start(programs.beat())

    def _start(self, program: Program) -> None:
        child = Child(program, console=self.console, logs=self.layout.logs)
        self._children[program.name] = child
        child.start()

    def _await_ready(self, began: datetime) -> None:
        self._await(
            "The stack",
            lambda: readiness.ask(self.port).since(began),
            seconds=READY_SECONDS,
        )
        self._write_state(ready=True)

    def _await(self, what: str, holds: Callable[[], bool], *, seconds: float) -> None:
        in_time = wait_until(
            lambda: self._hopeless() is not None or holds(), seconds=seconds, every=0.2
        )
        dying = self._hopeless()
        if in_time and not dying:
            return
        reason = readiness.ask(self.port).sentence if dying is None else dying
        raise Unavailable(
            "stack_not_ready",
            f"{what} did not become ready: {reason.rstrip('.')}.",
            fix=f"The logs are in {self.layout.logs}.",
        )

    def _hopeless(self) -> str | None:
        for name, child in self._children.items():
            if child.deaths >= HOPELESS_DEATHS:
                return f"{name} died {child.deaths} times, saying: {child.last_line}"
        return None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
