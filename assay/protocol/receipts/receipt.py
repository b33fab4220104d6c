"""The receipt of one evaluation: canonical bytes, signature, and what is wrong with it.

An evaluator never sees an answer, so its receipt says what it computed and not what
that was worth; the platform binds a score to the receipt in the competition's history
(docs/decisions/0121-receipts-without-labels.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from assay.protocol import signatures
from assay.protocol.canonical import Json, digest
from assay.protocol.errors import Invalid
from assay.protocol.receipts.keys import EvaluatorKey, check_time

FORMAT: Final = "assay-receipt-1"

_HEX = re.compile(r"[0-9a-f]{64}")
_DIGESTS: Final = ("weights", "base", "data", "scorer", "root")
_TEXTS: Final = ("evaluation", "split", "engine", "precision")
MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run used: milliseconds of processor and clock, bytes at its peak."""

    cpu_ms: int
    wall_ms: int
    peak_bytes: int

    @classmethod
    def of_usage(cls, usage: Mapping[str, Any]) -> "Resources":
        """From seconds, as a run measures them; what was not measured counts as 0."""
        return cls(
            cpu_ms=round(float(usage.get("cpu_seconds", 0)) * 1000),
            wall_ms=round(float(usage.get("wall_seconds", 0)) * 1000),
            peak_bytes=int(usage.get("peak_bytes", 0)),
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an evaluator says it computed.

    Attributes:
        evaluation: the platform's id of the evaluation.
        split: ``public`` or ``private``.
        weights: ``weights_digest`` of the model's files.
        base: the same of the base model's, which brings the tokenizer.
        data: SHA-256 of the file of inputs.
        scorer: ``scorer_digest``.
        engine: the engine's version, which names the arithmetic.
        precision: ``float32``, or one that begins with ``exact``.
        root: Merkle root over the outputs (``merkle.root_of``).
        examples: how many there are.
        at: when it was signed, with a time zone.

    Raises:
        Invalid: ``receipt_malformed``, ``where`` naming the field.
    """

    evaluation: str
    split: str
    weights: str
    base: str
    data: str
    scorer: str
    engine: str
    precision: str
    root: str
    examples: int
    resources: Resources
    at: datetime

    def __post_init__(self) -> None:
        for name in _DIGESTS:
            _require(_HEX.fullmatch(getattr(self, name)), name, "64 hex digits")
        for name in _TEXTS:
            text = getattr(self, name)
            fits = text and len(text) <= MAX_TEXT and text.isprintable()
            _require(fits, name, f"1 to {MAX_TEXT} visible characters")
        _require(self.examples > 0, "examples", "a number above 0")
        _require(self.at.tzinfo, "at", "a time with its zone")
        for part in fields(Resources):
            amount = getattr(self.resources, part.name)
            _require(amount >= 0, f"resources.{part.name}", "a number from 0 on")

    def document(self) -> dict[str, Json]:
        """The JSON that is signed."""
        used = self.resources
        return {
            "format": FORMAT,
            "evaluation": self.evaluation,
            "split": self.split,
            "weights": self.weights,
            "base": self.base,
            "data": self.data,
            "scorer": self.scorer,
            "engine": self.engine,
            "precision": self.precision,
            "root": self.root,
            "examples": self.examples,
            "resources": {
                "cpu_ms": used.cpu_ms,
                "wall_ms": used.wall_ms,
                "peak_bytes": used.peak_bytes,
            },
            "at": self.at.isoformat(),
        }

    def digest(self) -> str:
        """SHA-256 of the canonical document: the name of the receipt."""
        return digest(self.document())


def sign_receipt(seed: bytes, receipt: Receipt) -> dict[str, Json]:
    """``{"document", "key_id", "signature"}``, checkable without a network."""
    return signatures.issue_certificate(seed, receipt.document())


def read_receipt(document: Json) -> Receipt:
    """The receipt that a document is.

    Raises:
        Invalid: ``receipt_malformed``, ``where`` naming the field where there is one.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise _malformed("format", FORMAT)
    values = dict(document)
    try:
        made = Receipt(
            **{name: _text(values, name) for name in (*_TEXTS, *_DIGESTS)},
            examples=_whole(values, "examples"),
            resources=_resources(values.get("resources")),
            at=datetime.fromisoformat(_text(values, "at")),
        )
    except ValueError as error:
        raise _malformed("at", "an ISO 8601 time") from error
    if made.document() != values:
        raise _malformed("", "exactly the fields of its format, in their one spelling")
    return made


def check_receipt(certificate: Json, keys: Mapping[str, EvaluatorKey]) -> Receipt:
    """The receipt in a certificate, once its signature and its key's time hold.

    Args:
        keys: evaluators' keys by their ``key_id``, as the platform publishes them.

    Raises:
        Invalid: ``receipt_malformed``, ``receipt_key_unknown``, ``receipt_signature``,
            ``receipt_key_early`` (signed before the key counted), ``receipt_key_ended``
            (after another took its place) or ``receipt_key_revoked``.
    """
    name = certificate.get("key_id") if isinstance(certificate, Mapping) else None
    key = keys.get(name) if isinstance(name, str) else None
    if key is None:
        raise Invalid(
            "receipt_key_unknown",
            f"No evaluator's key {name or '(none)'} is known here.",
            fix="Fetch the keys anew: assay receipt keys",
            where="key_id",
        )
    try:
        document = signatures.check_certificate(certificate, {key.key_id: key.public})
    except Invalid as error:
        raise Invalid(
            "receipt_signature",
            "The receipt was changed after it was signed, or was never signed by "
            f"{key.operator}.",
            where="signature",
        ) from error
    receipt = read_receipt(document)
    check_time(receipt.at, key)
    return receipt


def _require(holds: object, field: str, what: str) -> None:
    if not holds:
        raise _malformed(field, what)


def _malformed(field: str, what: str) -> Invalid:
    of = f"Its {field} is not" if field else "It does not have"
    return Invalid(
        "receipt_malformed", f"This is no receipt. {of} {what}.", where=field
    )


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise _malformed(name, "text")
    return value


def _whole(values: Mapping[str, object], name: str) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _malformed(name, "a whole number")
    return value


def _resources(values: object) -> Resources:
    if not isinstance(values, Mapping):
        raise _malformed("resources", "an object")
    return Resources(
        cpu_ms=_whole(values, "cpu_ms"),
        wall_ms=_whole(values, "wall_ms"),
        peak_bytes=_whole(values, "peak_bytes"),
    )
