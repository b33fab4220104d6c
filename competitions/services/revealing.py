"""Showing everybody the hidden splits, once nothing can be won with them any more."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid
from competitions.models import Competition, Split
from competitions.permissions import can_manage
from competitions.services import history
from storage.blobs import open_blob

HIDDEN = (Split.Name.PUBLIC.value, Split.Name.PRIVATE.value)


@transaction.atomic
def reveal(
    *,
    competition: Competition,
    actor: User,
    splits: Sequence[str] = HIDDEN,
    now: datetime,
) -> list[Split]:
    """Let everybody fetch inputs, answers and outputs of hidden splits, for good.

    Saying it twice is once. What is shown is hashed first: it is what the rules have
    bound since the opening, and what receipts name.

    Returns:
        The splits of those names.

    Raises:
        Forbidden: the actor is not the sponsor.
        Conflict: the competition is neither settled nor cancelled, or what is stored
            is not what its rules name (``split_altered``).
        Invalid: there is no hidden split of a name.
    """
    if not can_manage(actor, competition):
        raise Forbidden(
            "not_the_sponsor", f"Only the sponsor of {competition.slug} may do this."
        )
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    if not competition.is_final:
        raise Conflict(
            "competition_not_final",
            f"{competition.slug} is {competition.status}: its hidden data decides yet.",
            fix="Reveal it once the competition is settled.",
        )
    unknown = sorted(set(splits) - set(HIDDEN))
    if unknown or not splits:
        raise Invalid(
            "split_unknown",
            f"There is no hidden split {', '.join(unknown) or '(none named)'}.",
            fix=f"Name one or both of {', '.join(HIDDEN)}.",
            where="splits",
        )
    found = list(competition.splits.filter(name__in=splits).order_by("name"))
    for split in found:
        if split.revealed_at is None:
            _reveal(competition, split, actor, now)
    return found


def _reveal(competition: Competition, split: Split, actor: User, now: datetime) -> None:
    for sha256 in (split.inputs_id, split.answers_id):
        if _hashed(sha256) != sha256:
            raise Conflict(
                "split_altered",
                f"What is stored of {split.name} is not what the rules name.",
                where=split.name,
            )
    split.revealed_at = now
    split.save(update_fields=["revealed_at"])
    history.record(
        competition=competition,
        kind="revealed",
        actor=actor.username,
        now=now,
        split=split.name,
        inputs=split.inputs_id,
        answers=split.answers_id,
        rules_digest=competition.rules_digest,
    )


def _hashed(sha256: str) -> str:
    total = hashlib.sha256()
    with open_blob(sha256) as content:
        for line in content:
            total.update(line)
    return total.hexdigest()
