"""Objections to awarded entries, entries struck off, and rules that were accepted."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from common.amounts import AmountField


class RulesAcceptance(models.Model):
    """A person's word that they take part under the rules with this digest."""

    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="acceptances"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acceptances"
    )
    rules_digest = models.CharField(max_length=64)
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "person", "rules_digest"],
                name="rules_accepted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} accepts {self.rules_digest[:12]}"


class Disqualification(models.Model):
    """Why an entry no longer counts; the entry itself stays as it is."""

    submission = models.OneToOneField(
        "competitions.Submission",
        on_delete=models.PROTECT,
        related_name="disqualification",
    )
    reason = models.TextField()
    actor = models.CharField(max_length=60, help_text="a handle, or platform")
    at = models.DateTimeField(default=timezone.now)
    is_withdrawal = models.BooleanField(
        default=False, help_text="its own miner took it off the board"
    )

    def __str__(self) -> str:
        return f"disqualification of {self.submission_id}"


class Challenge(models.Model):
    """An objection to an awarded entry; settlement waits until it is decided.

    ``challenger`` is empty when the platform itself found that a repeated
    evaluation differs. ``evaluation`` is the repeat that shall decide it.
    """

    class Kind(models.TextChoices):
        COPIED_WEIGHTS = "copied_weights", "copied weights"
        LEAKED_DATA = "leaked_data", "trained on hidden data"
        LICENCE_VIOLATION = "licence_violation", "breaks a licence"
        IRREPRODUCIBLE = "irreproducible", "cannot be reproduced"
        OTHER = "other", "something else"

    class Status(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        DISMISSED = "dismissed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="challenges"
    )
    submission = models.ForeignKey(
        "competitions.Submission", on_delete=models.PROTECT, related_name="challenges"
    )
    challenger = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="challenges",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    grounds = models.TextField()
    key = models.CharField(max_length=200, blank=True)
    deposit = AmountField(default=0)
    hold = models.OneToOneField(
        "ledger.Hold", on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    evaluation = models.ForeignKey(
        "competitions.Evaluation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    evidence = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(
        max_length=60, blank=True, help_text="handle, platform"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(status="open"),
                name="challenge_undecided",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["challenger", "submission"],
                condition=models.Q(status="open"),
                name="challenge_one_open",
            ),
            models.UniqueConstraint(
                fields=["challenger", "competition", "key"],
                condition=models.Q(challenger__isnull=False),
                name="challenge_once_by_key",
            ),
            models.UniqueConstraint(
                fields=["evaluation"],
                condition=models.Q(challenger__isnull=True),
                name="challenge_once_by_platform",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open") | models.Q(decided_at__isnull=False),
                name="challenge_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"challenge {self.id} ({self.kind}, {self.status})"

    @property
    def challenger_handle(self) -> str:
        """Who raised it."""
        return self.challenger.username if self.challenger else "platform"

    @property
    def public_facts(self) -> dict[str, Any]:
        """What the history tells of it, in plain JSON."""
        return {
            "challenge": str(self.id),
            "submission": str(self.submission_id),
            "challenged_for": self.kind,
        }
