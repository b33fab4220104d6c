"""A real web server that can be killed, and started with too little room."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 120


class WebServer:
    """Gunicorn with two workers, on the same port through all of its lives."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, largest_file: int | None = None) -> None:
        """Start it; with ``largest_file`` no file on its disk may be longer."""

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        command = (
            *(sys.executable, "-m", "gunicorn", "config.wsgi"),
            *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "4", "--preload", "--no-control-socket"),
            *("--log-level", "warning", "--graceful-timeout", "2"),
        )
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=limit,  # noqa: PLW1509 - one system call, no lock
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text()[-2000:])
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill master and workers at once, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it, however it stands."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def open_files(self) -> int:
        """How many descriptors all of its processes hold."""
        assert self._process is not None
        return sum(len(list(p.glob("fd/*"))) for p in self._processes())

    def memory(self) -> int:
        """Bytes that the largest of its processes ever had resident."""
        return max(_peak(process) for process in self._processes())

    def _processes(self) -> list[Path]:
        assert self._process is not None
        group = str(self._process.pid)
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[2] == group:
                found.append(stat.parent)
        return found

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=30).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True


def _peak(process: Path) -> int:
    try:
        status = (process / "status").read_text()
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0][1]) * 1024 if lines else 0
