"""One HTTP connection: credentials, patience, and errors turned into refusals."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx2

from assay import __version__
from assay.client.errors import ServerUnreachable, refusal_of
from assay.protocol.errors import Refusal

BUSY = frozenset({502, 503, 504})
TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
LONGEST_PAUSE = 60.0
"""Seconds; a server that asks for more is asked again all the same."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before each new try, in seconds; as many tries as pauses."""

    pauses: tuple[float, ...] = (0.2, 0.6, 1.5)
    sleep: Callable[[float], None] = time.sleep

    def longer(self) -> "Patience":
        """The same with further tries, for work that is worth waiting for."""
        last = self.pauses[-1] if self.pauses else 0.0
        return Patience((*self.pauses, *(last * n for n in (2, 4, 8))), self.sleep)

    def wait(self, pause: float, asked: float = 0.0) -> None:
        """Wait for a pause, or for longer when the server asked for it."""
        self.sleep(max(pause, min(asked, LONGEST_PAUSE)))


class Transport:
    """Speaks JSON to one server.

    A call is tried again when no connection came about, and, when it is
    ``repeatable`` (twice does no more than once), also when the answer was lost or
    the server was busy.
    """

    def __init__(self, endpoint: str, *, token: str, patience: Patience) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.patience = patience
        headers = {"User-Agent": f"assay/{__version__}", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx2.Client(
            base_url=self.endpoint, headers=headers, timeout=TIMEOUT
        )

    @cached_property
    def _elsewhere(self) -> httpx2.Client:
        """For links that lead elsewhere: our token is no business of theirs."""
        return httpx2.Client(timeout=TIMEOUT)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        if "_elsewhere" in vars(self):
            self._elsewhere.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The document at ``path``."""
        wanted = {name: value for name, value in (query or {}).items() if value}
        return self.call("GET", path, params=wanted)

    def post(
        self, path: str, body: Any = None, *, key: str = "", repeatable: bool = False
    ) -> Any:
        """Send ``body`` as JSON; an idempotency ``key`` makes the call repeatable."""
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        content = b"" if body is None else json.dumps(body).encode()
        return self.call(
            "POST",
            path,
            content=content,
            headers=headers,
            repeatable=repeatable or bool(key),
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool = True,
        patience: Patience | None = None,
        **request: Any,
    ) -> Any:
        """Send a request; returns the answer's JSON, None when it is empty.

        Raises:
            ServerUnreachable: no answer came, however often it was tried.
            Refusal: the server says no.
        """
        response = self._send(
            method, path, repeatable, patience or self.patience, request
        )
        if not response.is_success:
            raise refusal_of(response.status_code, _document(response))
        if not response.content:
            return None
        document = _document(response)
        if document is None:
            raise refusal_of(response.status_code, None)
        return document

    def text(self, path: str) -> str:
        """The text at ``path``.

        Raises:
            ServerUnreachable: no answer came, however often it was tried.
            Refusal: the server says no.
        """
        request = {"headers": {"Accept": "*/*"}}
        response = self._send("GET", path, True, self.patience, request)
        if not response.is_success:
            raise refusal_of(response.status_code, _document(response))
        return response.content.decode("utf-8")

    def content(self, path: str) -> bytes:
        """The bytes at ``path``, which are few.

        Raises:
            ServerUnreachable: no answer came, however often it was tried.
            Refusal: the server says no.
        """
        request = {"headers": {"Accept": "*/*"}}
        response = self._send("GET", path, True, self.patience, request)
        if not response.is_success:
            raise refusal_of(response.status_code, _document(response))
        return bytes(response.content)

    @contextmanager
    def stream(
        self, path: str, headers: Mapping[str, str]
    ) -> Iterator[httpx2.Response]:
        """The response to one GET, its body still on the way.

        A file may lie elsewhere, under an address that needs no token.

        Raises:
            ServerUnreachable: the connection failed, now or while reading.
            Refusal: the server says no.
        """
        try:
            with ExitStack() as open_ones:
                get = self._http.stream("GET", path, headers=headers)
                response = open_ones.enter_context(get)
                if response.has_redirect_location:
                    where = response.headers["Location"]
                    there = self._elsewhere.stream("GET", where, headers=headers)
                    response = open_ones.enter_context(there)
                if not response.is_success:
                    response.read()
                    raise refusal_of(response.status_code, _document(response))
                yield response
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error

    def put(
        self, url: str, content: bytes, headers: Mapping[str, str]
    ) -> httpx2.Response:
        """Send bytes once to a signed link, here or elsewhere; whatever it answers.

        Raises:
            ServerUnreachable: no answer came.
        """
        here = url.startswith("/")
        sent = (
            {"Content-Type": "application/octet-stream", **headers} if here else headers
        )
        try:
            http = self._http if here else self._elsewhere
            return http.put(url, content=content, headers=sent)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error

    def refusal(self, response: httpx2.Response) -> Refusal:
        """The refusal that an answer carries."""
        return refusal_of(response.status_code, _document(response))

    def _send(
        self,
        method: str,
        path: str,
        repeatable: bool,  # noqa: FBT001 - internal
        patience: Patience,
        request: Mapping[str, Any],
    ) -> httpx2.Response:
        for pause in (*patience.pauses, None):
            asked = 0.0
            try:
                response = self._http.request(method, path, **request)
            except httpx2.TransportError as error:
                if pause is None or not (repeatable or _never_left(error)):
                    raise self._unreachable(error) from error
            else:
                busy = response.status_code in BUSY
                if pause is None or not (repeatable and busy):
                    return response
                asked = retry_after(response)
            patience.wait(pause, asked)
        raise AssertionError

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        return ServerUnreachable(self.endpoint, _reason(error))


def retry_after(response: httpx2.Response) -> float:
    """The seconds that a busy server asked for; 0 when it did not say."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isascii() and told.isdecimal() else 0.0


def _never_left(error: Exception) -> bool:
    """Whether the request cannot have reached the server."""
    return isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "it took too long"
    return (str(error) or type(error).__name__).strip().rstrip(".")


def _document(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
