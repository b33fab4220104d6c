"""Pools that pay other people's submission fees and deposits."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class Pool(models.Model):
    """Tokens set aside to pay the dues of whom it admits.

    For one competition, or for any when ``competition`` is empty. A cap of 0
    is none; ``first`` counts the users that it ever paid for.
    """

    class Admits(models.TextChoices):
        ALL = "all", "everybody"
        LISTED = "listed", "those on its list"
        FIRST = "first", "the first users"

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSING = "closing"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pools"
    )
    title = models.CharField(max_length=120)
    competition = models.ForeignKey(
        "competitions.Competition",
        on_delete=models.PROTECT,
        null=True,
        related_name="pools",
    )
    asset = models.ForeignKey(
        "ledger.Asset", on_delete=models.PROTECT, related_name="+"
    )
    admits = models.CharField(max_length=6, choices=Admits)
    first = models.PositiveIntegerField(null=True, help_text="users that it pays for")
    user_cap = AmountField(default=0, help_text="for one user in all; 0 for none")
    day_cap = AmountField(default=0, help_text="for all users in 24 hours; 0: none")
    status = models.CharField(max_length=7, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "competition"], name="pool_to_ask"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(admits="first", first__isnull=False)
                | (~models.Q(admits="first") & models.Q(first__isnull=True)),
                name="pool_first_has_a_number",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def owner_key(self) -> str:
        """The name by which the ledger knows this pool's account."""
        return f"pool:{self.id}"


class Admission(models.Model):
    """A user whom the pool pays for: on its list, or among the first."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="admissions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "user"], name="admission_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.pool_id}"


class Funding(models.Model):
    """Tokens that somebody put into a pool, and what went back at its end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="fundings")
    funder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    amount = AmountField()
    returned = AmountField(default=0)
    transfer = models.OneToOneField(
        "ledger.Transfer", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"funding {self.id}"
