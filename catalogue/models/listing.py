"""What published models are found by."""

from django.db import models

from catalogue.models.model import Model
from common.amounts import AmountField


class Listing(models.Model):
    """What the catalogue is searched by: facts of one published model.

    Written when it is published. What the terms say is what they say that day; the
    answer for any other day is a quote's.
    """

    model = models.OneToOneField(
        Model, on_delete=models.CASCADE, primary_key=True, related_name="listing"
    )
    published_at = models.DateTimeField()
    size = models.BigIntegerField(help_text="bytes")
    base = models.CharField(max_length=140, help_text="the lineage's root, owner/name")
    task = models.CharField(max_length=60, blank=True)
    score = models.FloatField(null=True, help_text="on the final board")
    commercial = models.BooleanField(help_text="whether commercial use can be had")
    price = AmountField(help_text="of commercial use, up front; 0 is free")
    period = models.CharField(max_length=12, blank=True)
    share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    derivation = models.BooleanField(help_text="whether building on it is allowed")
    training = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["-published_at", "-model"], name="listing_newest"),
            models.Index(fields=["-score", "-model"], name="listing_best"),
            models.Index(fields=["price", "-model"], name="listing_cheapest"),
            models.Index(fields=["size", "-model"], name="listing_smallest"),
        ]

    def __str__(self) -> str:
        return str(self.model_id)
