"""What licensees declare that they earned, one row a declaration, never changed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.amounts import AmountField


class RevenueReport(models.Model):
    """Revenue declared for one period of one licence, and what it made them owe."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.ForeignKey(
        "royalties.Licence", on_delete=models.PROTECT, related_name="revenue_reports"
    )
    number = models.PositiveIntegerField(help_text="the period, counted from 1")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revenue = AmountField()
    owed = AmountField()
    note = models.CharField(max_length=500, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    key = models.CharField(max_length=80)
    royalty = models.OneToOneField(
        "royalties.Royalty",
        on_delete=models.PROTECT,
        null=True,
        related_name="revenue_report",
    )

    class Meta:
        ordering = ["-number", "-declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "key"], name="revenue_report_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("begins_at")),
                name="revenue_period_forward",
            ),
        ]
        indexes = [models.Index(fields=["licence", "number"], name="revenue_by_period")]

    def __str__(self) -> str:
        return f"period {self.number} of {self.licence_id}"
