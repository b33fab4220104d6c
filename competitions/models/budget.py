"""What evaluations cost, and who was paid for them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Charge(models.Model):
    """The cost of one evaluation, owed to the operator who ran it.

    ``transfer`` is empty until the budget has paid; ``paid`` is less than ``cost``
    only when the competition ended with too little left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="charges"
    )
    evaluation = models.OneToOneField(
        "competitions.Evaluation", on_delete=models.PROTECT, related_name="charge"
    )
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    milliseconds = models.PositiveBigIntegerField(help_text="of jail time")
    cost = AmountField()
    paid = AmountField(default=0)
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["competition", "created_at"],
                condition=models.Q(transfer__isnull=True),
                name="charge_unpaid",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost__gte=0)
                & models.Q(paid__gte=0)
                & models.Q(paid__lte=models.F("cost")),
                name="charge_paid_at_most_its_cost",
            ),
            models.CheckConstraint(
                condition=models.Q(paid=0) | models.Q(transfer__isnull=False),
                name="charge_paid_by_a_transfer",
            ),
        ]

    def __str__(self) -> str:
        return f"charge of {self.evaluation_id}"

    @property
    def shortfall(self) -> int:
        """Base units that are still owed."""
        return self.cost - self.paid
