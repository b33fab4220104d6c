"""Receipts of evaluations."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay.client.areas.competitions import iso
from assay.client.downloads import Downloads
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import EvaluatorKey, RemoteFile, ShownReceipt
from assay.client.transport import Transport


class Receipts:
    """What evaluators signed, and their keys."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def show(self, evaluation: str) -> ShownReceipt:
        """The receipt of an evaluation that the caller may see."""
        place = f"/api/evaluations/{quote(evaluation, safe='')}/receipt"
        return read(ShownReceipt, self._transport.get(place))

    def evaluator_keys(self) -> Walk[EvaluatorKey]:
        """Every key that ever signed receipts, the oldest first."""
        place = "/api/evaluator-keys"
        return Walk(lambda page: self._transport.get(place, page), EvaluatorKey)

    def reveal(self, slug: str, splits: Sequence[str]) -> tuple[RemoteFile, ...]:
        """Show everybody hidden splits of the caller's competition, for good."""
        place = f"/api/competitions/{quote(slug, safe='')}/reveal"
        return _files(self._transport.post(place, {"splits": list(splits)}))

    def revealed(self, slug: str) -> tuple[RemoteFile, ...]:
        """Inputs and answers of the splits that were revealed, as ``SPLIT.PART…``."""
        place = f"/api/competitions/{quote(slug, safe='')}/revealed"
        return _files(self._transport.get(place))

    def download_inputs(self, slug: str, split: str, target: Path) -> bool:
        """Fetch a revealed split's inputs; False while they are hidden."""
        return self._download(slug, split, "inputs", target)

    def download_answers(self, slug: str, split: str, target: Path) -> bool:
        """Fetch a revealed split's answers; False while they are hidden."""
        return self._download(slug, split, "answers", target)

    def _download(self, slug: str, split: str, part: str, target: Path) -> bool:
        listed = {file.path: file for file in self.revealed(slug)}
        file = listed.get(f"{split}.{part}.jsonl")
        if file is None:
            return False
        place = f"/api/competitions/{quote(slug, safe='')}/revealed/{split}/{part}"
        Downloads(self._transport).fetch(place, file, target)
        return True

    def outputs(self, evaluation: str) -> bytes:
        """What a model said of each example of a revealed split, as JSON lines."""
        place = f"/api/evaluations/{quote(evaluation, safe='')}/outputs"
        with self._transport.stream(place, {}) as response:
            return b"".join(response.iter_bytes())

    def revoke(self, key_id: str, *, since: datetime | None = None) -> EvaluatorKey:
        """Believe nothing that a key signed from a moment on, or from now on."""
        place = f"/api/evaluator-keys/{quote(key_id, safe='')}/revoke"
        body = {"since": iso(since) if since else None}
        return read(EvaluatorKey, self._transport.post(place, body))


def _files(document: Any) -> tuple[RemoteFile, ...]:
    return tuple(read(RemoteFile, one) for one in document)
