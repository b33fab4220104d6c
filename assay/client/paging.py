"""Walking through pages, one request at a time, as far as the caller wants."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from assay.client.reading import read

PAGE = 50
MAX_PAGE = 100
Record = TypeVar("Record")


class Walk(Generic[Record], Iterator[Record]):
    """Every record of a paged route, in its order, fetched as it is asked for.

    Args:
        fetch: asks for the page that the given query names.
        kind: the class of a record.
    """

    def __init__(
        self, fetch: Callable[[dict[str, str]], Any], kind: type[Record]
    ) -> None:
        self._fetch, self._kind = fetch, kind
        self._records = self._all()

    def __next__(self) -> Record:
        return next(self._records)

    def take(self, limit: int, *, after: str = "") -> tuple[Sequence[Record], str]:
        """The first ``limit`` records behind a place, and the place behind them.

        Args:
            after: a place as an earlier call gave it; empty for the beginning.

        Returns:
            The records, and an empty place when there are no more.
        """
        found: list[Record] = []
        place = after
        while len(found) < limit:
            items, place = self._page(min(MAX_PAGE, limit - len(found)), place)
            found += items
            if not place:
                break
        return found, place

    def _all(self) -> Iterator[Record]:
        place = ""
        while True:
            items, place = self._page(PAGE, place)
            yield from items
            if not place:
                return

    def _page(self, limit: int, place: str) -> tuple[list[Record], str]:
        query = {"limit": str(limit)} | ({"cursor": place} if place else {})
        page = self._fetch(query)
        items = [read(self._kind, document) for document in page["items"]]
        return items, str(page.get("next") or "")
