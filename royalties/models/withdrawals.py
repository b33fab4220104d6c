"""Tokens that people ask to have paid out outside of the platform."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.amounts import AmountField


class Withdrawal(models.Model):
    """A request: its tokens are held until staff has paid or refused it."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "requested"
        PAID = "paid", "paid"
        REFUSED = "refused", "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="withdrawals"
    )
    amount = AmountField()
    destination = models.CharField(max_length=200)
    status = models.CharField(
        max_length=12,
        choices=Status,
        default=Status.REQUESTED,
        db_default=Status.REQUESTED,
    )
    hold = models.OneToOneField(
        "ledger.Hold", on_delete=models.PROTECT, related_name="+"
    )
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(status="requested"),
                name="withdrawal_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.id}"

    @property
    def owner_key(self) -> str:
        """The name by which the ledger knows what its hold is about."""
        return f"withdrawal:{self.id}"
