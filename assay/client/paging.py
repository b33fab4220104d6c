"""Walking through pages, one request at a time, as far as the caller wants."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from assay.client.reading import read

PAGE = 50
Record = TypeVar("Record")


def walk(
    fetch: Callable[[dict[str, str]], Any], kind: type[Record]
) -> Iterator[Record]:
    """Every record of a paged route, in its order.

    Args:
        fetch: asks for the page that the given query names.
    """
    query = {"limit": str(PAGE)}
    while True:
        page = fetch(query)
        for document in page["items"]:
            yield read(kind, document)
        if not page.get("next"):
            return
        query = {**query, "cursor": page["next"]}
