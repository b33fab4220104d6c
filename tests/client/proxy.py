"""A bad link: a proxy that cuts connections after so many bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

NEVER = 1 << 62


@dataclass
class BadLink:
    """Cuts one connection for each entry of its plan, then behaves.

    Attributes:
        up: bytes that the next connections pass on to the server before the cut.
        down: bytes that they pass back to the client before the cut.
        passed_up, passed_down: bytes of every connection so far.
    """

    target: tuple[str, int]
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    connections: int = 0
    passed_up: int = 0
    passed_down: int = 0
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            up = self.up.pop(0) if self.up else NEVER
            down = self.down.pop(0) if self.down else NEVER
            try:
                server = socket.create_connection(self.target)
            except OSError:  # there is no server just now
                client.close()
                continue
            pair = (client, server)
            for source, sink, budget, name in (
                (client, server, up, "passed_up"),
                (server, client, down, "passed_down"),
            ):
                arguments = (source, sink, budget, name, pair)
                threading.Thread(target=self.pump, args=arguments, daemon=True).start()

    def pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        budget: int,
        name: str,
        pair: tuple[socket.socket, socket.socket],
    ) -> None:
        with suppress(OSError):
            while budget > 0 and (chunk := source.recv(min(65536, budget))):
                sink.sendall(chunk)
                budget -= len(chunk)
                setattr(self, name, getattr(self, name) + len(chunk))
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def bad_link(url: str) -> Iterator[BadLink]:
    """A link to the server at ``url``; give it a plan before using it."""
    host, port = url.removeprefix("http://").split(":")
    link = BadLink((host, int(port)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link.port = listener.getsockname()[1]
        threading.Thread(target=link.serve, args=(listener,), daemon=True).start()
        yield link
        listener.shutdown(socket.SHUT_RDWR)
