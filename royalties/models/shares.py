"""Contributor shares that change hands; the original shares stay as they are."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ShareTransfer(models.Model):
    """Parts of a model's income offered by one person to another.

    Accepted ones count for payments from ``from_moment`` on.
    """

    class Status(models.TextChoices):
        OFFERED = "offered", "offered"
        ACCEPTED = "accepted", "accepted"
        WITHDRAWN = "withdrawn", "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="share_transfers"
    )
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    parts = models.PositiveIntegerField()
    from_moment = models.DateTimeField()
    status = models.CharField(
        max_length=12, choices=Status, default=Status.OFFERED, db_default=Status.OFFERED
    )
    offered_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["from_moment", "decided_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(parts__gt=0), name="share_has_parts"),
            models.CheckConstraint(
                condition=~Q(giver=F("taker")), name="share_to_another"
            ),
        ]
        indexes = [
            models.Index(fields=["model", "status"], name="share_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.parts} of {self.model_id}"
