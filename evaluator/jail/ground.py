"""What an attacker would like to reach on a host, made for the doctor to lose."""

import os
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from evaluator.jail import view
from evaluator.job import Limits


@contextmanager
def ground(limits: Limits) -> Iterator[dict[str, Any]]:
    """Things of the host that an attacker would like to reach."""
    abstract = f"assay-{uuid.uuid4()}"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-siege-"))
        place = Path(folder)
        (place / "model").mkdir()
        (place / "model" / "config.json").write_text("{}")
        (place / "inputs.jsonl").write_text('{"id": "a"}\n')
        (place / "labels").write_text("SECRET")
        (place / "scratch").touch()
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in ("\0" + abstract, str(place / "service.sock")):
            end = stack.enter_context(socket.socket(socket.AF_UNIX))
            end.bind(address)
            end.listen()
        yield {
            "folder": folder,
            "model": str(place / "model"),
            "inputs": str(place / "inputs.jsonl"),
            "labels": str(place / "labels"),
            "scratch": str(place / "scratch"),
            "out": str(view.OUTPUTS),
            "socket": str(place / "service.sock"),
            "abstract": abstract,
            "port": server.getsockname()[1],
            "secret": "SECRET",
            "pid": os.getpid(),
            "memory": limits.memory_bytes,
            "file_bytes": limits.file_bytes,
            "processes": limits.processes,
        }
