"""The catalogue: models, their terms and their files."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from assay.client.downloads import Downloads, OnProgress
from assay.client.paging import walk
from assay.client.reading import read
from assay.client.records import Model, ModelSummary
from assay.client.transport import Transport
from assay.protocol.errors import Invalid


class Models:
    """Models that the caller may see."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, query: str = "", **wanted: str) -> Iterator[ModelSummary]:
        """Published models, the newest first.

        ``wanted`` narrows them: ``task``, ``base``, ``uses``, ``max_price``,
        ``min_score``, ``max_size``, and ``sort`` (newest, score, price, size).
        """
        words = {"query": query, **wanted}
        return walk(
            lambda page: self._transport.get("/api/models", {**words, **page}),
            ModelSummary,
        )

    def show(self, reference: str) -> Model:
        """One model by ``owner/name``."""
        return read(Model, self._transport.get(place_of(reference)))

    def download(
        self, reference: str, folder: Path, *, on_progress: OnProgress | None = None
    ) -> tuple[Path, ...]:
        """Fetch all of a model's files into ``folder``; those already right stay."""
        place = place_of(reference)
        return Downloads(self._transport).fetch_all(
            self.show(reference).files,
            folder,
            address=lambda path: f"{place}/files/{quote(path)}",
            on_progress=on_progress,
        )


def place_of(reference: str) -> str:
    """The route of a model.

    Raises:
        Invalid: ``model_reference_malformed``.
    """
    owner, slash, name = reference.partition("/")
    if not (owner and slash and name) or "/" in name:
        raise Invalid(
            "model_reference_malformed",
            f"{reference!r} does not name a model.",
            fix="Write owner/name, as `assay model list` shows it.",
        )
    return f"/api/models/{quote(owner, safe='')}/{quote(name, safe='')}"
