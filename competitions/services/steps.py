"""The table of ``assay.protocol.lifecycle``, asked about a stored competition."""

from datetime import datetime
from typing import Any

from assay.protocol import lifecycle
from assay.protocol.money import format_amount
from competitions.models import Competition
from ledger.wallets import platform_asset


def facts(competition: Competition, now: datetime, **counted: Any) -> lifecycle.Facts:
    """What the competition's own columns say, and what the caller has counted."""
    asset = platform_asset()
    least = format_amount(competition.minimum_stake, asset)
    is_draft = competition.status == Competition.Status.DRAFT
    known: dict[str, Any] = {
        "missing_stake": f"{least} {asset.symbol}" if is_draft else "",
        **counted,
    }
    return lifecycle.Facts(
        slug=competition.slug,
        status=competition.status,
        now=now,
        deadline=competition.deadline,
        provisional_until=competition.provisional_until,
        opened_at=competition.opened_at,
        **known,
    )


def can(step: str, competition: Competition, now: datetime, **counted: Any) -> bool:
    """Whether the step can be taken now."""
    return lifecycle.refusal_of(step, facts(competition, now, **counted)) is None


def require(step: str, competition: Competition, now: datetime, **counted: Any) -> None:
    """Raise why the step cannot be taken now, if it cannot."""
    lifecycle.require(step, facts(competition, now, **counted))
