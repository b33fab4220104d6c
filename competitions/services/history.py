"""Writing a competition's public, hash-chained history."""

from datetime import datetime
from typing import Any

from assay.protocol import journal
from assay.protocol.canonical import Json
from assay.protocol.lifecycle import leads
from common.status import move
from competitions.models import Competition, HistoryEntry


def record(
    *, competition: Competition, kind: str, actor: str, now: datetime, **facts: Json
) -> HistoryEntry:
    """Append one event; must run inside the transaction that it reports.

    Whoever records on the same competition waits until that transaction has ended,
    because each event is numbered and hashed after the one before it. Its moment is
    never before that of the entry before, whatever a clock says.

    Args:
        actor: a handle, or ``platform``.
        facts: plain JSON without floats; they are public.
    """
    Competition.objects.select_for_update(no_key=True).get(pk=competition.pk)
    last = competition.history.order_by("-number").first()
    number = last.number + 1 if last else 1
    at = max(now, last.at) if last else now
    entry: Json = {
        "number": number,
        "kind": kind,
        "facts": facts,
        "actor": actor,
        "at": at.isoformat(),
    }
    return HistoryEntry.objects.create(
        competition=competition,
        number=number,
        kind=kind,
        facts=facts,
        actor=actor,
        at=at,
        head=journal.link(last.head if last else journal.GENESIS, entry),
    )


def transition(
    *,
    competition: Competition,
    to: str,
    actor: str,
    now: datetime,
    facts: dict[str, Json] | None = None,
    **fields: Any,
) -> bool:
    """Move the competition's status and record it; False when another was first.

    Raises:
        ValueError: no step of the table leads there.
    """
    if not leads(competition.status, to):
        msg = f"No step leads from {competition.status} to {to}."
        raise ValueError(msg)
    if not move(competition, competition.status, to, **fields):
        return False
    record(competition=competition, kind=to, actor=actor, now=now, **(facts or {}))
    return True
