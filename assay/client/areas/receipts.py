"""Receipts of evaluations."""

from datetime import datetime
from urllib.parse import quote

from assay.client.areas.competitions import iso
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import EvaluatorKey, ShownReceipt
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

    def revoke(self, key_id: str, *, since: datetime | None = None) -> EvaluatorKey:
        """Believe nothing that a key signed from a moment on, or from now on."""
        place = f"/api/evaluator-keys/{quote(key_id, safe='')}/revoke"
        body = {"since": iso(since) if since else None}
        return read(EvaluatorKey, self._transport.post(place, body))
