"""Quotes, the licences made of them, and what their holders are reminded of."""

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from assay.protocol.drawing import link, new_root
from assay.protocol.terms import end_of, read_tags
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
    price = AmountField(help_text="all seats, one period")
    seats = models.PositiveIntegerField(default=1)
    period = models.CharField(max_length=12, blank=True)
    revenue_share = models.CharField(max_length=24, blank=True, help_text="percent")
    duties = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    terms = models.JSONField()
    terms_digest = models.CharField(max_length=64)
    organisation = models.JSONField(default=dict, help_text="empty for a person")
    fee_bps = models.PositiveSmallIntegerField(default=0)
    refund_window = models.DurationField(default=timedelta(0))
    draw_root = models.CharField(max_length=64, default=new_root)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"quote {self.id}"

    @property
    def draw_commitment(self) -> str:
        """What is known of the chain of secrets before the first payment."""
        return link(self.draw_root, 0)

    @property
    def terms_end(self) -> datetime | None:
        """When the terms themselves run out; no licence of this quote outlasts them."""
        terms = read_tags(self.terms).terms
        day = end_of(terms, self.model.created_at.date())
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be accepted, as far as time goes."""
        end = self.terms_end
        return now < self.expires_at and (end is None or now < end)


class Licence(models.Model):
    """A grant of terms to one licensee, with its signed certificate."""

    class Status(models.TextChoices):
        ACTIVE = "active", "in force"
        PAST_DUE = "past_due", "the renewal could not be paid yet"
        ENDED = "ended", "ran out"
        REVOKED = "revoked", "revoked"

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
    status = models.CharField(
        max_length=12, choices=Status, default=Status.ACTIVE, db_default=Status.ACTIVE
    )
    certificate = models.JSONField()
    ssh_signature = models.TextField(default="")
    jws = models.TextField(default="")
    draws = models.PositiveIntegerField(default=0, help_text="secrets shown so far")
    draw_chosen = models.CharField(max_length=100, blank=True, help_text="by licensee")
    issued_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)
    renewals = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="next look by clock")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-issued_at"]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="licence_due",
            ),
            models.Index(fields=["licensee", "-issued_at"], name="licence_of_licensee"),
        ]

    def __str__(self) -> str:
        return f"licence {self.id}"

    @property
    def is_renewing(self) -> bool:
        """Whether the next period will be paid by itself."""
        standing = self.status in {self.Status.ACTIVE, self.Status.PAST_DUE}
        return standing and self.has_next_period and self.cancelled_at is None

    @property
    def has_next_period(self) -> bool:
        """Whether it is paid by the month, and its terms last longer than this one."""
        if self.quote.period != "monthly" or self.valid_until is None:
            return False
        end = self.quote.terms_end
        return end is None or self.valid_until < end

    def is_valid(self, now: datetime) -> bool:
        """Whether it still grants anything."""
        if self.status == self.Status.REVOKED:
            return False
        return self.valid_until is None or now < self.valid_until


class Notice(models.Model):
    """One thing that a licensee is told; the pages and the API show it."""

    licence = models.ForeignKey(
        Licence, on_delete=models.PROTECT, related_name="notices"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(max_length=80, help_text="said once a licence and key")
    text = models.CharField(max_length=400)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["licence", "key"], name="notice_said_once")
        ]

    def __str__(self) -> str:
        return self.text
