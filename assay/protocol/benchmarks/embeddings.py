"""Embeddings: what lies near what? Retrieval from a corpus, and similarity of pairs.

A row of retrieval is a document, ``{"id", "text"}``, or a query, which also has
``relevant``: the ids of the documents that answer it. A row of similarity is
``{"id", "first", "second", "similarity"}``, in any unit: only its ranks count.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assay.protocol.benchmarks.options import (
    integer_option,
    no_other_options,
    option_problem,
)
from assay.protocol.benchmarks.rows import (
    Example,
    RowProblem,
    TaskType,
    text_field,
)
from assay.protocol.errors import Invalid

MAX_TEXT = 20_000
MAX_RELEVANT = 100
VECTOR_BYTES = 24 * 768  # a coordinate is a float32 in hex


def check_options(options: Mapping[str, Any]) -> None:
    """``pooling``: mean or cls; ``max_tokens``: 8 to 8192, 256 if absent.

    Raises:
        Invalid: an option is unknown or cannot be.
    """
    no_other_options(options, {"pooling", "max_tokens"}, "embeddings")
    integer_option(options, "max_tokens", low=8, high=8_192, default=256)
    if options.get("pooling", "mean") not in {"mean", "cls"}:
        raise option_problem("The option pooling is mean or cls.")


def read_retrieval(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read a document or a query.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    text = text_field(row, "text", limit=MAX_TEXT)
    relevant = row.get("relevant", [])
    if "relevant" in row and not _names(relevant):
        raise RowProblem("relevant", f"relevant must be 1 to {MAX_RELEVANT} ids")
    role = "query" if relevant else "document"
    return Example(
        id=identity,
        input={"id": identity, "text": text, "role": role},
        label=0,
        targets=tuple(relevant),
    )


def check_corpus(examples: Sequence[Example]) -> None:
    """Every query's documents must be there.

    Raises:
        Invalid: ``benchmark_corpus``.
    """
    documents = {example.id for example in examples if not example.targets}
    queries = [example for example in examples if example.targets]
    lost = [e.id for e in queries if not documents.issuperset(e.targets)]
    if lost or not queries:
        sentence = "There is no query." if not lost else "A document is not there."
        raise Invalid(
            "benchmark_corpus",
            f"{sentence} A split holds queries and all documents that they name.",
            fix="Give queries a field relevant, and add each document as a row.",
            where=lost[0] if lost else "",
        )


def read_similarity(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read a pair.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    first, second = (text_field(row, n, limit=MAX_TEXT) for n in ("first", "second"))
    value = row.get("similarity")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):  # type: ignore[arg-type]
        raise RowProblem("similarity", "similarity must be a number")
    return Example(
        id=identity,
        input={"id": identity, "first": first, "second": second},
        label=0,
        lengths=(1,),
        gold=float(value),  # type: ignore[arg-type]
    )


def _names(relevant: Any) -> bool:
    return (
        isinstance(relevant, list)
        and 1 <= len(relevant) <= MAX_RELEVANT
        and all(isinstance(one, str) and one for one in relevant)
    )


RETRIEVAL = TaskType(
    title="Retrieval by embeddings",
    metrics=("ndcg_10", "recall_10"),
    fields=("id", "text", "relevant"),
    check_options=check_options,
    read=read_retrieval,
    output_bytes=lambda _example, _options: VECTOR_BYTES,
    check_split=check_corpus,
)
SIMILARITY = TaskType(
    title="Similarity by embeddings",
    metrics=("spearman",),
    fields=("id", "first", "second", "similarity"),
    check_options=check_options,
    read=read_similarity,
)
