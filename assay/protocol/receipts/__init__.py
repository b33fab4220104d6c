"""Receipts: what an evaluator computed, in a form that anyone can check and repeat.

``merkle`` folds per-example results into one root, ``receipt`` is the signed document,
``sampling`` says how many examples to repeat, ``disputes`` finds the first example in
which two receipts differ. The rules in words: docs/algorithms/receipts.md.
"""

from assay.protocol.receipts.merkle import Tree, root_of
from assay.protocol.receipts.receipt import (
    EvaluatorKey,
    Receipt,
    Resources,
    check_receipt,
    data_digest,
    differing_fields,
    key_claim,
    read_receipt,
    scorer_digest,
    sign_receipt,
    weights_digest,
)

__all__ = [
    "EvaluatorKey",
    "Receipt",
    "Resources",
    "Tree",
    "check_receipt",
    "data_digest",
    "differing_fields",
    "key_claim",
    "read_receipt",
    "root_of",
    "scorer_digest",
    "sign_receipt",
    "weights_digest",
]
