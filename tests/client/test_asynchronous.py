"""The awaited client does what the other does, and its types say so."""

import asyncio
from pathlib import Path

import pytest

from accounts.models import User
from assay import AsyncClient
from assay.client.asynchronous import AsyncWalk
from assay.protocol.errors import NotFound
from common import clock
from competitions.models import Competition
from tests.builders import world
from tests.client import async_stub
from tests.client.conftest import token_of


def test_its_types_are_those_of_the_other_client() -> None:
    assert async_stub.STUB.read_text("utf-8") == async_stub.stub(), (
        "The client changed: run python -m tests.client.async_stub"
    )


def test_what_the_client_has_not_is_not_there() -> None:
    client = AsyncClient("http://127.0.0.1:1")

    with pytest.raises(AttributeError):
        _ = client.nothing  # type: ignore[attr-defined]


def test_it_is_awaited_and_walked(server: str, contest: Competition, bob: User) -> None:
    token = token_of(bob)

    async def story() -> tuple[str, list[str], str]:
        async with AsyncClient(server, token=token) as client:
            me = await client.me()
            slugs = [one.slug async for one in client.competitions.list()]
            shown, board = await asyncio.gather(
                client.competitions.show(contest.slug),
                client.competitions.board(contest.slug),
            )
            assert board.competition == shown.slug
            return me.handle, slugs, client.endpoint

    assert asyncio.run(story()) == ("bob", [contest.slug], server)


def test_a_page_is_taken_and_gone_on_from(server: str, contest: Competition) -> None:
    async def story() -> list[int]:
        async with AsyncClient(server) as client:
            walk = client.competitions.history(contest.slug)
            assert isinstance(walk, AsyncWalk)
            first, place = await walk.take(1)
            rest, _ = await client.competitions.history(contest.slug).take(
                99, after=place
            )
            return [event.number for event in [*first, *rest]]

    numbers = asyncio.run(story())

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1


def test_a_refusal_is_raised_where_it_is_awaited(server: str) -> None:
    async def story() -> None:
        async with AsyncClient(server) as client:
            await client.competitions.show("nothing-here")

    with pytest.raises(NotFound):
        asyncio.run(story())


def test_files_are_fetched(
    server: str, contest: Competition, tmp_path: Path, bob: User
) -> None:
    world.accept(bob, contest, clock.now())
    token = token_of(bob)

    async def story() -> tuple[Path, ...]:
        async with AsyncClient(server, token=token) as client:
            return await client.competitions.download(contest.slug, tmp_path)

    fetched = asyncio.run(story())

    assert all(path.is_file() for path in fetched)
    assert fetched
