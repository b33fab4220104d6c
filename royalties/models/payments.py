"""Payments, everybody's part of them, and the invoices over them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.amounts import AmountField


class Royalty(models.Model):
    """A licensee's payment: held while it can be refunded, then paid out."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "purchase"
        RENEWAL = "renewal", "renewal"
        REVENUE = "revenue", "share of revenue"
        USAGE = "usage", "pay by use"

    class Status(models.TextChoices):
        HELD = "held", "held for the refund window"
        PAID = "paid", "paid out"
        REFUNDED = "refunded", "refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.ForeignKey(
        "royalties.Licence", on_delete=models.PROTECT, related_name="royalties"
    )
    kind = models.CharField(
        max_length=12, choices=Kind, default=Kind.PURCHASE, db_default=Kind.PURCHASE
    )
    status = models.CharField(
        max_length=12, choices=Status, default=Status.PAID, db_default=Status.PAID
    )
    amount = AmountField()
    fee = AmountField(default=0)
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, related_name="+"
    )
    payout = models.OneToOneField(
        "ledger.Transfer",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="the second transfer, of one that was held",
    )
    record = models.JSONField(null=True, help_text="public; see protocol.payments")
    record_digest = models.CharField(max_length=64, default="")
    paid_at = models.DateTimeField(default=timezone.now)
    release_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-paid_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="held") | Q(release_at__isnull=False),
                name="royalty_held_until",
            )
        ]
        indexes = [
            models.Index(
                fields=["release_at"], condition=Q(status="held"), name="royalty_due"
            )
        ]

    def __str__(self) -> str:
        return f"royalty {self.id}"


class RoyaltyPart(models.Model):
    """What one contributor of one model in the lineage got, and the exact fraction."""

    # The unique constraint's index begins with the royalty; nobody asks by model alone.
    royalty = models.ForeignKey(
        Royalty, on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    payee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="royalty_parts"
    )
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="+", db_index=False
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


class InvoiceSeries(models.Model):
    """The last number given out in a year; drawn under its lock, so none is missing."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Invoice(models.Model):
    """One invoice or credit note, frozen as it was issued."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    royalty = models.ForeignKey(
        Royalty, on_delete=models.PROTECT, related_name="invoices"
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="credit_note"
    )
    document = models.JSONField(help_text="seller, buyer, line, amounts, VAT")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "sequence"], name="invoice_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Such as ``2026-000017``."""
        return f"{self.year}-{self.sequence:06}"
