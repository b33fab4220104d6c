"""Quotes, licences, and the parts of each royalty."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Quote(models.Model):
    """A price for one use of one model, frozen with the terms it was read from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="quotes"
    )
    licensee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="quotes"
    )
    use = models.CharField(max_length=24)
    asset = models.ForeignKey(
        "ledger.Asset", on_delete=models.PROTECT, related_name="+"
    )
    price = AmountField()
    period = models.CharField(max_length=12, blank=True)
    revenue_share = models.CharField(max_length=24, blank=True, help_text="percent")
    duties = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    terms = models.JSONField()
    terms_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"quote {self.id}"

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be accepted, as far as time goes."""
        return now < self.expires_at


class Licence(models.Model):
    """A grant of terms to one licensee, with its signed certificate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    quote = models.OneToOneField(
        Quote, on_delete=models.PROTECT, related_name="licence"
    )
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="licences"
    )
    licensee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="licences"
    )
    use = models.CharField(max_length=24)
    certificate = models.JSONField()
    issued_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"licence {self.id}"

    def is_valid(self, now: datetime) -> bool:
        """Whether it still grants anything."""
        return self.valid_until is None or now < self.valid_until


class Royalty(models.Model):
    """A licensee's payment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.ForeignKey(
        Licence, on_delete=models.PROTECT, related_name="royalties"
    )
    amount = AmountField()
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, related_name="+"
    )
    paid_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-paid_at"]

    def __str__(self) -> str:
        return f"royalty {self.id}"


class RoyaltyPart(models.Model):
    """What one contributor of one model in the lineage got, and the exact fraction."""

    royalty = models.ForeignKey(Royalty, on_delete=models.PROTECT, related_name="parts")
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="royalty_parts"
    )
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="+"
    )
    numerator = models.TextField()
    denominator = models.TextField()
    amount = AmountField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["royalty", "payee", "model"], name="royalty_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.payee_id} of {self.royalty_id}"
