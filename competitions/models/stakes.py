"""What was staked, and what it became."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Stake(models.Model):
    """Tokens that a sponsor or co-sponsor put into a competition's escrow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="stakes"
    )
    staker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stakes"
    )
    amount = AmountField()
    returned = AmountField(default=0)
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"stake {self.id}"


class Award(models.Model):
    """What a rank earned, and the transfer that paid it."""

    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="awards"
    )
    submission = models.OneToOneField(
        "competitions.Submission", on_delete=models.PROTECT, related_name="award"
    )
    rank = models.PositiveIntegerField()
    amount = AmountField()
    transfer = models.ForeignKey(
        "ledger.Transfer", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["rank", "id"]

    def __str__(self) -> str:
        return f"rank {self.rank} of {self.competition_id}"
