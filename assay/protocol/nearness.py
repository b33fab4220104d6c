"""Metrics of embeddings: how well a corpus is ranked, how well likeness is.

Definitions and worked tables: docs/algorithms/scoring.md.
"""

import math
from collections.abc import Sequence
from typing import Any

from assay.protocol.errors import Invalid
from assay.protocol.extras import load_extra
from assay.protocol.outputs import Answer, Output

DEPTH = 10
_DIGITS = 9  # to which cosines are rounded, so that libraries' last bits rank nothing


def ndcg(ranked: Sequence[str], relevant: Sequence[str]) -> float:
    """Discounted gain of the first ten, over the best that could be; gains are 1.

    K. Järvelin and J. Kekäläinen, ACM TOIS 20 (2002) 422-446.
    """
    wanted = set(relevant)
    gains = [1 / math.log2(place + 2) for place in range(DEPTH)]
    found = math.fsum(
        gain for gain, one in zip(gains, ranked, strict=False) if one in wanted
    )
    return min(1.0, found / math.fsum(gains[: len(wanted)]))


def recall(ranked: Sequence[str], relevant: Sequence[str]) -> float:
    """The part of the relevant documents that stand among the first ten."""
    return len(set(ranked[:DEPTH]) & set(relevant)) / len(set(relevant))


def rankings(
    outputs: Sequence[Output], answers: Sequence[Answer]
) -> list[list[str] | None]:
    """For each query the ids of the ten nearest documents; None for a document.

    Nearness is the cosine, rounded to nine digits; of equals the smaller id is first.

    Raises:
        Invalid: ``outputs_width`` when vectors differ in length,
            ``answers_malformed`` when there is no document or no query.
    """
    if len({len(output.scores) for output in outputs}) != 1:
        raise Invalid("outputs_width", "The vectors do not have one length.")
    pairs = list(zip(outputs, answers, strict=True))
    corpus = sorted((o for o, a in pairs if not a.targets), key=lambda o: o.id)
    asked = [output for output, answer in pairs if answer.targets]
    if not corpus or not asked:
        raise Invalid("answers_malformed", "Retrieval needs documents and queries.")
    near = _nearest(asked, corpus)
    found = {
        output.id: [corpus[place].id for place in places]
        for output, places in zip(asked, near, strict=True)
    }
    return [found.get(output.id) for output in outputs]


def _nearest(asked: Sequence[Output], corpus: Sequence[Output]) -> list[list[int]]:
    numpy = load_extra("numpy", extra="metrics")

    def directions(outputs: Sequence[Output]) -> Any:
        table = numpy.array([output.scores for output in outputs])
        table /= numpy.abs(table).max(axis=1, keepdims=True).clip(1e-300)
        return table / numpy.linalg.norm(table, axis=1, keepdims=True).clip(1e-300)

    cosines = numpy.round(directions(asked) @ directions(corpus).T, _DIGITS)
    order = numpy.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    places: list[list[int]] = order.tolist()
    return places
