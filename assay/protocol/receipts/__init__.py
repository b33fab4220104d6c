"""Receipts: what an evaluator computed, in a form that anyone can check and repeat.

``merkle`` folds per-example results into one root, ``receipt`` is the signed document,
``sampling`` says how many examples to repeat, ``disputes`` finds the first example in
which two receipts differ, ``quorum`` says who was wrong. The rules in words:
docs/algorithms/receipts.md.
"""

from assay.protocol.receipts.comparing import differing_fields
from assay.protocol.receipts.digests import scorer_digest, weights_digest
from assay.protocol.receipts.keys import EvaluatorKey, key_claim
from assay.protocol.receipts.merkle import Tree, root_of
from assay.protocol.receipts.receipt import (
    Receipt,
    Resources,
    check_receipt,
    read_receipt,
    sign_receipt,
)

__all__ = [
    "EvaluatorKey",
    "Receipt",
    "Resources",
    "Tree",
    "check_receipt",
    "differing_fields",
    "key_claim",
    "read_receipt",
    "root_of",
    "scorer_digest",
    "sign_receipt",
    "weights_digest",
]
