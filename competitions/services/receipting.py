"""Receipts: compared, field by field, with what the platform knows, and kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.keys import evaluator_keys
from assay.protocol import receipts
from assay.protocol.canonical import Json
from assay.protocol.errors import Invalid
from assay.protocol.manifest import ManifestFile
from assay.protocol.scoring import Output
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Receipt

CLOCKS = timedelta(minutes=10)
"""By how much an evaluator's clock may be wrong."""


def precision_of(competition: Competition) -> str:  # noqa: ARG001 - one for all, so far
    """The precision in which the rules want outputs."""
    return "float32"


def expected(evaluation: Evaluation) -> dict[str, object]:
    """Every field of a receipt that is known before the evaluation is run."""
    competition = evaluation.competition
    split = competition.splits.get(name=evaluation.split)
    return {
        "evaluation": str(evaluation.id),
        "split": evaluation.split,
        "weights": weights_of(evaluation.model),
        "base": weights_of(competition.base_model),
        "data": split.inputs_id,
        "scorer": receipts.scorer_digest(
            task_type=competition.task_type,
            options=competition.task_options,
            metric=competition.metric,
        ),
        "precision": precision_of(competition),
    }


def weights_of(model: Model) -> str:
    """The digest of a model's files, as receipts name it."""
    return receipts.weights_digest(
        ManifestFile(file.path, file.blob.size, file.blob_id)
        for file in model.files.select_related("blob")
    )


def check(
    *,
    evaluation: Evaluation,
    certificate: Json,
    outputs: Sequence[Output],
    engine_version: str,
    usage: Mapping[str, Any],
    now: datetime,
) -> receipts.Receipt:
    """The receipt, once every word of it is what the platform knows.

    Raises:
        Invalid: what ``receipts.check_receipt`` refuses; ``receipt_key_foreign`` when
            the key is not of whoever holds the lease; ``receipt_differs``, ``where``
            naming the first field that is wrong; ``receipt_time``.
    """
    operator = evaluation.evaluator
    keys = evaluator_keys().filter(key_id=_named(certificate))
    found = receipts.check_receipt(
        certificate, {key.key_id: key.published() for key in keys}
    )
    if operator is None or any(key.operator_id != operator.pk for key in keys):
        raise Invalid(
            "receipt_key_foreign",
            "The receipt is signed by a key of somebody else than holds the lease.",
            fix="Register this host's key with the token that it works with.",
            where="key_id",
        )
    known = {
        **expected(evaluation),
        "root": receipts.root_of(outputs),
        "examples": len(outputs),
        "engine": engine_version,
        "resources": receipts.Resources.of_usage(usage),
    }
    differing = receipts.differing_fields(found, known)
    if differing:
        raise Invalid(
            "receipt_differs",
            f"The receipt is not about this evaluation: {', '.join(differing)} differ.",
            where=differing[0],
        )
    _check_time(found.at, evaluation, now)
    return found


def _named(certificate: Json) -> str:
    name = certificate.get("key_id") if isinstance(certificate, Mapping) else ""
    return name[:64] if isinstance(name, str) else ""


def _check_time(at: datetime, evaluation: Evaluation, now: datetime) -> None:
    begun = evaluation.started_at or now
    if begun - CLOCKS <= at <= now + CLOCKS:
        return
    raise Invalid(
        "receipt_time",
        f"The receipt says {at.isoformat()}, which is not between the lease and now.",
        fix="Set this host's clock.",
        where="at",
    )


def keep(
    *,
    evaluation: Evaluation,
    receipt: receipts.Receipt,
    certificate: Mapping[str, Any],
    now: datetime,
) -> Receipt:
    """Store it with its evaluation, in the transaction that scores it."""
    return Receipt.objects.create(
        evaluation=evaluation,
        key_id=certificate["key_id"],
        digest=receipt.digest(),
        root=receipt.root,
        certificate=dict(certificate),
        received_at=now,
    )
