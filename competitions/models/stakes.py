"""What was staked, and what it became."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Stake(models.Model):
    """Tokens that a sponsor or co-sponsor put into a competition.

    ``budget`` is the part of ``amount`` that pays for evaluations: the rules' share
    of a stake for the prize, all of a stake for the budget. ``withdrawn_at`` is set
    when its staker took it back before the opening; it counts for nothing since.
    """

    class Purpose(models.TextChoices):
        PRIZE = "prize"
        BUDGET = "budget"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="stakes"
    )
    staker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stakes"
    )
    purpose = models.CharField(max_length=6, choices=Purpose, default=Purpose.PRIZE)
    amount = AmountField()
    budget = AmountField(default=0)
    returned = AmountField(default=0)
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(budget__gte=0)
                & models.Q(budget__lte=models.F("amount")),
                name="stake_budget_is_a_part",
            )
        ]

    def __str__(self) -> str:
        return f"stake {self.id}"

    @property
    def prize(self) -> int:
        """Base units of it that went into the escrow."""
        return self.amount - self.budget


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
