"""What a submission pays: its fee, and the deposit while it is evaluated."""

import uuid

from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Dues(models.Model):
    """The fee and the deposit of one submission, and what became of them.

    Paid by the pool, where there is one, else by the miner. ``kept`` is the part of
    the deposit that went into the budget; ``spent`` is what the payer has parted
    with as it stands: open, both; closed, what did not come back.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    class Reason(models.TextChoices):
        REACHED_BASELINE = "reached_baseline", "it reached the baseline"
        BELOW_BASELINE = "below_baseline", "it stayed below the baseline"
        MODEL_FAILED = "model_failed", "the model failed"
        PLATFORM_FAULT = "platform_fault", "the platform failed"
        WITHDRAWN = "withdrawn", "it was withdrawn before it was evaluated"
        CANCELLED = "cancelled", "it was cancelled while it was evaluated"
        DISQUALIFIED = "disqualified", "it was disqualified"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(
        "competitions.Submission", on_delete=models.PROTECT, related_name="dues"
    )
    pool = models.ForeignKey(
        "competitions.Pool",
        on_delete=models.PROTECT,
        null=True,
        related_name="payments",
    )
    fee = AmountField()
    deposit = AmountField()
    fee_returned = AmountField(default=0)
    kept = AmountField(default=0)
    spent = AmountField()
    hold = models.OneToOneField(
        "ledger.Hold", on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["pool", "-created_at"], name="dues_by_pool"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kept__gte=0, kept__lte=models.F("deposit"))
                & models.Q(fee_returned__gte=0, fee_returned__lte=models.F("fee")),
                name="dues_within_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open") | models.Q(closed_at__isnull=False),
                name="dues_closed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"dues of {self.submission_id}"

    @property
    def returned(self) -> int:
        """Base units of the deposit that came back."""
        return self.deposit - self.kept if self.status == self.Status.CLOSED else 0

    @property
    def state(self) -> str:
        """What became of the deposit, in one word or two."""
        if not self.deposit:
            return "none"
        if self.status == self.Status.OPEN:
            return "held"
        if not self.kept:
            return "returned"
        return "kept" if self.kept == self.deposit else "kept in part"
