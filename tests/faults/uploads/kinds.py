"""The faults. Each does its harm and then sees that the file can still be sent."""

import hashlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.faults.uploads.scene import PART, Scene

Fault = Callable[[Scene], None]


def killed_client(scene: Scene) -> None:
    """The client dies at a random byte, twice."""
    path, passed = scene.file(), 0
    for _ in range(2):
        with scene.link() as link:
            client = scene.sender(path, endpoint=link.endpoint)
            scene.when(link, scene.chance.randrange(path.stat().st_size), client)
            client.kill()
            client.communicate()
            passed += link.passed_up
    # Four parts are under way at once: at least what was sent beyond those is kept.
    scene.ends_well(path, spared=max(0, passed - 8 * PART))


def cut_link(scene: Scene) -> None:
    """The link breaks at random bytes, six times."""
    path = scene.file()
    with scene.link() as link:
        link.up = [scene.chance.randrange(1, PART) for _ in range(6)]
        link.down = [scene.chance.choice((0, 50, 1 << 40)) for _ in range(6)]
        scene.send(path, endpoint=link.endpoint)
    scene.ends_well(path)


def killed_server(scene: Scene) -> None:
    """The server dies while parts come in, and is started again."""
    path = scene.file()
    with scene.link() as link:
        client = scene.sender(path, endpoint=link.endpoint)
        scene.when(link, scene.chance.randrange(path.stat().st_size), client)
        scene.server.kill()
        scene.server.start()
        scene.outcome(client)
    scene.ends_well(path)


def killed_server_at_the_end(scene: Scene) -> None:
    """The server dies while it joins the parts."""
    path = scene.file()
    api = Api(scene, path)
    for number in (1, 2, 3):
        api.put(number)
    asked = threading.Thread(target=api.complete_somehow)
    asked.start()
    time.sleep(scene.chance.random() * 0.1)
    scene.server.kill()
    asked.join()
    scene.server.start()
    scene.ends_well(path)


def busy_server(scene: Scene) -> None:
    """Whoever stands in front says 503 for a while, and how long to wait."""
    path = scene.file(1.5)
    with busy_front(scene, times=5) as endpoint:
        said = scene.send(path, endpoint=endpoint)
    if "sha256" not in said:
        scene.findings.append(f"five times 503 ended an upload: {said}")
    scene.ends_well(path, spared=path.stat().st_size)


def truncated_part(scene: Scene) -> None:
    """A part ends before the length that was announced."""
    path = scene.file(1.5)
    api = Api(scene, path)
    cut = scene.chance.randrange(1, PART)
    api.put(1, announce=PART, content=api.part(1)[:cut])
    scene.ends_well(path)


def part_too_long(scene: Scene) -> None:
    """More bytes than the part has are announced."""
    path = scene.file(1.5)
    api = Api(scene, path)
    # Refused unread: nothing of it needs to be sent.
    url, length = api.sign(2, api.part(2)), {"Content-Length": str(PART)}
    status, said = request(scene.server.port, "PUT", url, b"", length)
    expect(scene, status, said, 413, "body_too_large")
    scene.ends_well(path)


def wrong_part(scene: Scene) -> None:
    """The bytes of a part are others than its link is for."""
    path = scene.file(1.5)
    api = Api(scene, path)
    status, said = api.put(1, content=bytes(PART))
    expect(scene, status, said, 422, "part_digest_mismatch")
    scene.ends_well(path)


def wrong_whole(scene: Scene) -> None:
    """Parts that are right by themselves are not those of the file."""
    path = scene.file(1.5)
    api = Api(scene, path)
    for number in (1, 2):
        content = bytes(len(api.part(number)))
        api.put(number, content=content, said=content)
    status, said = api.complete()
    expect(scene, status, said, 422, "digest_mismatch")
    scene.ends_well(path)


def missing_part(scene: Scene) -> None:
    """It is completed before all parts are here."""
    path = scene.file(1.5)
    api = Api(scene, path)
    api.put(2)
    status, said = api.complete()
    expect(scene, status, said, 409, "parts_missing")
    scene.ends_well(path, spared=len(api.part(2)))


def part_twice(scene: Scene) -> None:
    """The same part comes four times at once, and wrong bytes among them."""
    path = scene.file(1.5)
    api = Api(scene, path)
    wrong = bytes(PART)
    calls = [lambda: api.put(1)] * 3 + [lambda: api.put(1, content=wrong)]
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scene.ends_well(path, spared=PART)


def two_clients(scene: Scene) -> None:
    """Two processes send the same file at once; both are told that it is here."""
    path = scene.file()
    both = [scene.sender(path), scene.sender(path)]
    said = [scene.outcome(client) for client in both]
    if any("sha256" not in one for one in said):
        scene.findings.append(f"two at once: {said}")
    scene.ends_well(path, spared=path.stat().st_size)


def full_disk(scene: Scene) -> None:
    """There is room for one part and no more, and later there is."""
    path = scene.file()
    scene.server.kill()
    scene.server.start(largest_file=PART + PART // 2)
    said = scene.send(path)
    scene.refuses(said, "storage_full")
    scene.server.kill()
    scene.server.start()
    scene.ends_well(path, spared=PART)


def revoked_token(scene: Scene) -> None:
    """The token ends under way; with another one it goes on."""
    path = scene.file()
    with scene.link() as link:
        status, made = call(scene, "POST", "/api/me/tokens", {"name": "short-lived"})
        assert status < 300, made
        client = scene.sender(path, endpoint=link.endpoint, token=made["secret"])
        scene.when(link, PART, client)
        call(scene, "DELETE", f"/api/me/tokens/{made['id']}")
        said = scene.outcome(client)
    if "sha256" not in said:
        scene.refuses(said, "token_invalid", "link_invalid")
    scene.ends_well(path)


def forged_link(scene: Scene) -> None:
    """A link is changed, as if it were old or another's."""
    path = scene.file(1.5)
    api = Api(scene, path)
    url = api.sign(1, api.part(1))
    status, said = api.raw_put(f"{url[:-1]}{'A' if url[-1] != 'A' else 'B'}", b"x")
    expect(scene, status, said, 401, "link_invalid")
    scene.ends_well(path)


def abandoned(scene: Scene) -> None:
    """Nobody ever goes on; the collector finds it."""
    Api(scene, scene.file(1.5)).put(1)


KINDS: tuple[Fault, ...] = (
    killed_client,
    killed_server,
    truncated_part,
    wrong_part,
    full_disk,
    two_clients,
    killed_client,
    cut_link,
    busy_server,
    part_twice,
    killed_server_at_the_end,
    revoked_token,
    wrong_whole,
    missing_part,
    part_too_long,
    forged_link,
    abandoned,
)


def expect(scene: Scene, status: int, said: Any, wanted: int, code: str) -> None:
    """The server said no, with this status and code."""
    error = said.get("error", {}) if isinstance(said, dict) else {}
    if (status, error.get("code")) != (wanted, code) or not error.get("fix", "x"):
        scene.findings.append(f"expected {wanted} {code}, and it said {status} {said}")


def call(scene: Scene, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One call of the API."""
    content = json.dumps(body).encode() if body is not None else b""
    headers = {
        "Authorization": f"Bearer {scene.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"{scene.chance.random()}",
    }
    return request(scene.server.port, method, path, content, headers)


def request(
    port: int, method: str, path: str, content: bytes, headers: dict[str, str]
) -> tuple[int, Any]:
    """Status and JSON; (0, None) when the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text or b"null")
    except ValueError:
        return answer.status, None


class Api:
    """One upload, driven by hand."""

    def __init__(self, scene: Scene, path: Path) -> None:
        self.scene, self.content = scene, path.read_bytes()
        digest = hashlib.sha256(self.content).hexdigest()
        body = {"sha256": digest, "size": len(self.content)}
        _, begun = call(scene, "POST", "/api/uploads", body)
        self.upload = begun["upload"]

    def part(self, number: int) -> bytes:
        """The bytes of a part."""
        return self.content[(number - 1) * PART : number * PART]

    def sign(self, number: int, content: bytes) -> str:
        """A link for a part with these bytes."""
        part = {"number": number, "sha256": hashlib.sha256(content).hexdigest()}
        place = f"/api/uploads/{self.upload}/sign"
        _, signed = call(self.scene, "POST", place, {"parts": [part]})
        return str(signed["parts"][0]["url"])

    def put(
        self,
        number: int,
        *,
        content: bytes | None = None,
        said: bytes | None = None,
        announce: int | None = None,
    ) -> tuple[int, Any]:
        """Send a part; other bytes, another digest or another length than it has."""
        url = self.sign(number, self.part(number) if said is None else said)
        sent = self.part(number) if content is None else content
        return self.raw_put(url, sent, announce)

    def raw_put(
        self, url: str, content: bytes, announce: int | None = None
    ) -> tuple[int, Any]:
        """Send bytes to a link; a length that is not theirs ends in a cut."""
        port = self.scene.server.port
        if announce is None:
            return request(port, "PUT", url, content, {})
        with socket.create_connection(("127.0.0.1", port)) as line:
            head = f"PUT {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            line.sendall(f"{head}Content-Length: {announce}\r\n\r\n".encode() + content)
        return 0, None

    def complete(self) -> tuple[int, Any]:
        """Join the parts."""
        return call(self.scene, "POST", f"/api/uploads/{self.upload}/complete")

    def complete_somehow(self) -> None:
        """Join the parts, whatever comes of it."""
        self.complete()


@contextmanager
def busy_front(scene: Scene, *, times: int) -> Iterator[str]:
    """An address that says 503 so many times and then leads to the server."""
    with scene.link() as link, socket.create_server(("127.0.0.1", 0)) as listener:
        left = [times]

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_serve_one, args=(line, link, left)).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


def _serve_one(line: socket.socket, link: Any, left: list[int]) -> None:
    if left[0] > 0:
        left[0] -= 1
        line.recv(65536)
        line.sendall(BUSY)
        line.close()
        return
    there = socket.create_connection(("127.0.0.1", urlsplit(link.endpoint).port or 0))
    for source, sink in ((line, there), (there, line)):
        threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        sink.close()
