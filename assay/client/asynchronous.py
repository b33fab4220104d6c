"""The same client for programs that run an event loop.

    from assay import AsyncClient

    async with AsyncClient("https://assay.example", token="assay_…") as client:
        me = await client.me()
        async for competition in client.competitions.list(status="open"):
            print(competition.slug, competition.staked)

There is one implementation: a call runs the synchronous client's in a worker thread,
so both send the same requests and raise the same refusals. Types of every method
stand in ``asynchronous.pyi``, which a test keeps true.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import wraps
from types import TracebackType
from typing import Any, Generic, TypeVar, get_origin

from assay.client.client import Client
from assay.client.paging import Walk
from assay.client.transport import Patience

Record = TypeVar("Record")
_END = object()


class AsyncWalk(Generic[Record], AsyncIterator[Record]):
    """Every record of a paged route, fetched as it is asked for."""

    def __init__(self, walk: Walk[Record]) -> None:
        self._walk = walk

    async def __anext__(self) -> Record:
        record: Any = await asyncio.to_thread(next, self._walk, _END)
        if record is _END:
            raise StopAsyncIteration
        found: Record = record
        return found

    async def take(
        self, limit: int, *, after: str = ""
    ) -> tuple[Sequence[Record], str]:
        """As ``Walk.take``."""
        return await asyncio.to_thread(self._walk.take, limit, after=after)


class _Area:
    """An area of the client whose methods are awaited."""

    def __init__(self, area: object) -> None:
        self._area = area

    def __getattr__(self, name: str) -> Any:
        return _awaited(getattr(self._area, name))


def _awaited(method: Callable[..., Any]) -> Callable[..., Any]:
    if get_origin(method.__annotations__.get("return")) is Walk:

        @wraps(method)
        def walked(*words: Any, **named: Any) -> AsyncWalk[Any]:
            return AsyncWalk(method(*words, **named))  # asks nothing before it is read

        return walked

    @wraps(method)
    async def called(*words: Any, **named: Any) -> Any:
        return await asyncio.to_thread(method, *words, **named)

    return called


class AsyncClient(_Area):
    """An asynchronous client; close it, or use it in an ``async with`` statement.

    Args:
        endpoint: the server's address, such as ``https://assay.example``.
        token: an API token; empty to see what everybody sees.
        patience: how lost connections are tried again.
    """

    def __init__(
        self, endpoint: str, *, token: str = "", patience: Patience | None = None
    ) -> None:
        super().__init__(Client(endpoint, token=token, patience=patience))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._area, name)
        if isinstance(found, str):
            return found
        return _awaited(found) if callable(found) else _Area(found)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._client.close)

    @property
    def _client(self) -> Client:
        client = self._area
        assert isinstance(client, Client)
        return client
