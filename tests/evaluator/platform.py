"""A tiny platform that speaks the evaluator's contract over real HTTP."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "evaluator-token"
LEASE = "lease-1"


@dataclass
class Platform:
    """What it offers, what it was told, and how it misbehaves.

    ``failures`` maps the end of a path to statuses it answers with first; 0 drops
    the connection. ``cut`` ends the first larger blob after so many bytes.
    """

    endpoint: str = ""
    job: dict[str, Any] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, list[int]] = field(default_factory=dict)
    cut: int | None = None
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    request_ids: set[str] = field(default_factory=set)
    on_request: Callable[[], None] = lambda: None

    def offer(
        self,
        *,
        model: Path,
        base: Path,
        inputs: bytes,
        task_type: str = "multiple_choice",
        options: dict[str, Any] | None = None,
        adapter: bool = False,
        memory_bytes: int = 4 << 30,
    ) -> None:
        """Have one evaluation of these files to lease."""
        self.job = {
            "evaluation": "e1",
            "lease": LEASE,
            "lease_seconds": 60,
            "leased_at": "2026-03-01T12:00:00Z",
            "split": "public",
            "task_type": task_type,
            "options": options or {},
            "metric": "accuracy",
            "precision": "float32",
            "adapter": adapter,
            "model_files": self._store_folder(model),
            "base_files": self._store_folder(base),
            "inputs": self.store(inputs),
            "limits": {
                "memory_bytes": memory_bytes,
                "cpu_seconds": 60,
                "wall_seconds": 240,
            },
        }

    def store(self, content: bytes) -> dict[str, Any]:
        sha256 = hashlib.sha256(content).hexdigest()
        self.blobs[sha256] = content
        return {"sha256": sha256, "size": len(content)}

    def _store_folder(self, folder: Path) -> list[dict[str, Any]]:
        return [
            {"path": path.name, **self.store(path.read_bytes())}
            for path in sorted(folder.iterdir())
            if path.is_file()
        ]

    def said(self, verb: str) -> list[dict[str, Any]]:
        """The bodies of all requests of that verb that were not turned away."""
        return [body for name, body in self.heard if name == verb]


class _Handler(BaseHTTPRequestHandler):
    platform: Platform

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        verb = self.path.rpartition("/")[2]
        if self._turned_away(verb):
            return
        if self.path == "/api/evaluator/keys":
            self.platform.heard.append((verb, body))
            self._answer(200, {})
            return
        if not self.path.startswith("/api/evaluator/evaluations/e1/"):
            self._answer(404, _error("evaluation_unknown"))
            return
        self.platform.heard.append((verb, body))
        if verb == "lease":
            self._answer(200, self.platform.job)
        elif body["lease"] != LEASE:
            self._answer(409, _error("lease_lost"))
        else:
            self._answer(204)

    def do_GET(self) -> None:
        sha256 = self.path.rpartition("/")[2]
        if self._turned_away("blob"):
            return
        self.platform.fetched.append(sha256)
        content = self.platform.blobs.get(sha256)
        if content is None:
            self._answer(404, _error("blob_unknown"))
            return
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : self._cut_of(content)])
        self.close_connection = True

    def _cut_of(self, content: bytes) -> int:
        cut = self.platform.cut
        if cut is None or cut >= len(content):
            return len(content)
        self.platform.cut = None
        return cut

    def _turned_away(self, what: str) -> bool:
        self.platform.request_ids.add(self.headers["X-Request-ID"])
        self.platform.on_request()
        waiting = self.platform.failures.get(what)
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, _error("token_unknown"))
        elif not waiting:
            return False
        elif status := waiting.pop(0):
            self._answer(status, _error(f"said_{status}"))
        self.close_connection = True
        return True

    def _answer(self, status: int, body: dict[str, Any] | None = None) -> None:
        content = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


def _error(code: str) -> dict[str, Any]:
    sentence = f"The platform says {code}."
    return {"error": {"code": code, "sentence": sentence, "fix": "", "where": ""}}


@contextmanager
def open_platform(
    on_request: Callable[[], None] = lambda: None,
) -> Iterator[Platform]:
    """A platform that listens on loopback until the block ends."""
    platform = Platform(on_request=on_request)
    handler = type("Handler", (_Handler,), {"platform": platform})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        platform.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield platform
        finally:
            server.shutdown()
            thread.join()
