"""Statements about models that are elsewhere: by anyone, verified by nobody."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, LimitReached
from catalogue.models import ExternalModel

PERIOD = timedelta(days=1)
MAX_A_DAY = 20


@transaction.atomic
def register_external_model(
    *,
    person: User,
    name: str,
    source: str,
    digest: str,
    licence: str,
    now: datetime,
) -> ExternalModel:
    """State that a model exists elsewhere, so that it can be named as a parent.

    Saying the same again gives the first statement.

    Args:
        source: the https address where it is found.
        digest: SHA-256 of its weights, or of its manifest, in lower-case hex.
        licence: an SPDX id, or one that model hubs use.

    Raises:
        Invalid: a field breaks a rule.
        Conflict: the name stands for another statement.
        LimitReached: the person has stated too much today.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    facts = {"source": source, "digest": digest, "licence": licence}
    known = ExternalModel.objects.filter(name=name).first()
    if known is not None:
        return _same(known, facts)
    _require_quota(person, now)
    made = ExternalModel(name=name, registered_by=person, created_at=now, **facts)
    try:
        made.clean_fields(exclude=["registered_by"])
        with transaction.atomic():
            made.save(force_insert=True)
    except ValidationError as error:
        raise _invalid(error) from error
    except IntegrityError:  # somebody else was quicker with this name
        return _same(ExternalModel.objects.get(name=name), facts)
    return made


def _same(known: ExternalModel, facts: dict[str, str]) -> ExternalModel:
    if all(getattr(known, name) == value for name, value in facts.items()):
        return known
    raise Conflict(
        "external_name_taken",
        f"{known.reference} stands for another model.",
        fix="Choose another name; statements never change.",
        where="name",
    )


def _invalid(error: ValidationError) -> Invalid:
    where, messages = next(iter(error.message_dict.items()))
    return Invalid("external_model_invalid", " ".join(messages), where=where)


def _require_quota(person: User, now: datetime) -> None:
    recent = ExternalModel.objects.filter(
        registered_by=person, created_at__gt=now - PERIOD
    ).order_by("created_at")
    times = list(recent.values_list("created_at", flat=True))
    if len(times) >= MAX_A_DAY:
        retry_at = times[-MAX_A_DAY] + PERIOD
        raise LimitReached(
            "external_quota",
            f"You have registered {len(times)} models in the last 24 hours.",
            fix=f"The next one is allowed at {retry_at:%F %R} UTC.",
            retry_at=retry_at,
        )
