"""Evaluators' public keys: registered, replaced, revoked; never changed or deleted."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import EvaluatorKey, User
from assay.protocol.errors import Conflict, Invalid, NotFound
from assay.protocol.receipts import key_claim
from assay.protocol.signatures import key_id, verify


@transaction.atomic
def register(
    *, operator: User, public: str, signature: str, replaces: str = "", now: datetime
) -> EvaluatorKey:
    """Have a key count for its operator from now on; saying it twice is once.

    Args:
        signature: of ``key_claim(public, replaces)``, by the key itself.
        replaces: the id of an older key of the same operator, which ends now.

    Raises:
        Invalid: the key is malformed, or the signature is not by it.
        Conflict: the key is another operator's, or counts no more.
        NotFound: ``replaces`` is no key of theirs that still counts.
    """
    name = key_id(public)
    if not verify(public, key_claim(public, replaces), signature):
        raise Invalid(
            "evaluator_key_signature",
            "The request is not signed by the key that it registers.",
            where="signature",
        )
    made, is_new = EvaluatorKey.objects.get_or_create(
        key_id=name, defaults={"public": public, "operator": operator, "since": now}
    )
    if made.operator_id != operator.pk:
        raise Conflict(
            "evaluator_key_taken",
            "This key is registered by another operator.",
            fix="Make a key of your own: `python -m evaluator key --rotate`.",
        )
    if made.until is not None or made.revoked_at is not None:
        raise Conflict(
            "evaluator_key_ended",
            f"The key {name} was replaced or revoked.",
            fix="Make another: `python -m evaluator key --rotate`.",
        )
    if is_new and replaces:
        _end(operator, replaces, now=now)
    return made


def _end(operator: User, name: str, *, now: datetime) -> None:
    older = EvaluatorKey.objects.filter(key_id=name, operator=operator, until=None)
    if not older.update(until=now):
        raise NotFound(
            "evaluator_key_not_found",
            f"There is no key {name} of yours that could be replaced.",
            where="replaces",
        )


def revoke(*, name: str, actor: User, since: datetime, now: datetime) -> EvaluatorKey:
    """Have nothing believed that a key signed from ``since`` on, as its operator.

    Raises:
        NotFound: there is none, or it is neither the actor's nor is the actor staff.
        Invalid: as ``disown``.
    """
    key = EvaluatorKey.objects.filter(key_id=name).first()
    if key is None or not (key.operator_id == actor.pk or actor.is_staff):
        raise _not_found(name)
    return disown(name=name, since=since, now=now)


@transaction.atomic
def disown(*, name: str, since: datetime, now: datetime) -> EvaluatorKey:
    """Believe nothing that a key signed from ``since`` on; again only moves it back.

    Args:
        since: ``now``, or the moment at which the key was lost.

    Raises:
        NotFound: there is no such key.
        Invalid: the moment is yet to come.
    """
    locked = EvaluatorKey.objects.select_for_update(of=("self",))
    key = locked.select_related("operator").filter(key_id=name).first()
    if key is None:
        raise _not_found(name)
    if since > now:
        raise Invalid(
            "evaluator_key_moment",
            "A key is revoked from now on, or from a moment that has passed.",
            where="since",
        )
    if key.revoked_at is None or since < key.revoked_at:
        key.revoked_at = since
        key.save(update_fields=["revoked_at"])
    return key


def _not_found(name: str) -> NotFound:
    return NotFound("evaluator_key_not_found", f"There is no key {name} of yours.")


def evaluator_keys() -> QuerySet[EvaluatorKey]:
    """All that were ever registered: receipts name their signers."""
    return EvaluatorKey.objects.select_related("operator")
