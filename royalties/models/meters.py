"""Pay by use: what a call costs, and prepaid meters with their lanes."""

import uuid

from django.db import models
from django.db.models import Q

from common.amounts import AmountField


class Tariff(models.Model):
    """What a model's owner asks for each call; a new price is a new row."""

    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="tariffs"
    )
    price = AmountField(help_text="a call; 0 ends the offer")
    since = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.price} a call of {self.model_id}"


class Meter(models.Model):
    """A deposit out of which one licensee's calls are paid by vouchers."""

    class Status(models.TextChoices):
        OPEN = "open", "open"
        CLOSING = "closing", "closing: last vouchers are taken"
        CLOSED = "closed", "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.OneToOneField(
        "royalties.Licence", on_delete=models.PROTECT, related_name="meter"
    )
    public_key = models.CharField(max_length=44)
    price = AmountField(help_text="a call, frozen when it was opened")
    deposit = AmountField(help_text="all that was ever put in")
    status = models.CharField(
        max_length=12, choices=Status, default=Status.OPEN, db_default=Status.OPEN
    )
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["closes_at"], condition=Q(status="closing"), name="meter_due"
            )
        ]

    def __str__(self) -> str:
        return f"meter {self.id}"

    @property
    def owner_key(self) -> str:
        """The name by which the ledger knows its deposit."""
        return f"meter:{self.id}"


class Lane(models.Model):
    """How far one lane was redeemed, with the voucher that did it."""

    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="lanes")
    number = models.PositiveSmallIntegerField()
    calls = models.BigIntegerField()
    amount = AmountField()
    voucher = models.JSONField(help_text="the newest, signed")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["meter", "number"], name="lane_once")
        ]

    def __str__(self) -> str:
        return f"lane {self.number} of {self.meter_id}"
