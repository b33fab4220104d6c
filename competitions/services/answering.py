"""The end of a challenge: its status, its deposit and its line in the history."""

from datetime import datetime

from assay.protocol.splitting import split
from common.status import move
from competitions.models import Challenge
from competitions.services import history
from ledger import holds
from ledger.services import Entry
from ledger.wallets import wallet


def close(
    *, challenge: Challenge, upheld: bool, actor: str, reason: str, now: datetime
) -> bool:
    """Decide a challenge: upheld gives the deposit back, dismissed gives it away.

    A forfeited deposit goes to the contributors of the challenged model, by their
    shares: theirs was the payout that waited. Runs in the caller's transaction.

    Returns:
        False when it was decided before; then nothing was written.
    """
    end = Challenge.Status.UPHELD if upheld else Challenge.Status.DISMISSED
    if not move(
        challenge,
        Challenge.Status.OPEN,
        end,
        decided_at=now,
        decided_by=actor,
        reason=reason,
    ):
        return False
    if challenge.hold is not None:
        if upheld:
            holds.release(hold=challenge.hold, now=now)
        else:
            _forfeit(challenge.hold, challenge, now=now)
    history.record(
        competition=challenge.competition,
        kind=f"challenge_{end.value}",
        actor=actor,
        now=now,
        **challenge.public_facts,
        reason=reason,
    )
    return True


def _forfeit(hold: holds.Hold, challenge: Challenge, *, now: datetime) -> None:
    model = challenge.submission.model
    shares = list(model.contributors.select_related("user").order_by("pk"))
    parts = split(hold.amount, [share.parts for share in shares])
    holds.capture(
        hold=hold,
        entries_to=[
            Entry(wallet(share.user), part)
            for share, part in zip(shares, parts, strict=True)
            if part
        ],
        kind="forfeit",
        memo=f"Dismissed challenge of {model.reference}",
        now=now,
    )
