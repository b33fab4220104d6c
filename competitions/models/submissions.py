"""Submissions and their evaluations."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from assay.protocol.intervals import Estimate, wilson


class Submission(models.Model):
    """A model that a miner entered. Never changes after it is accepted."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        SCORED = "scored"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="submissions"
    )
    miner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions"
    )
    model = models.OneToOneField(
        "catalogue.Model", on_delete=models.PROTECT, related_name="submission"
    )
    message = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["competition", "miner", "-created_at"], name="submission_quota"
            )
        ]

    def __str__(self) -> str:
        return f"submission {self.id}"


class Evaluation(models.Model):
    """One model scored on one split; re-scoring adds a row, history stays.

    ``submission`` is empty for the base model, whose score is the baseline.
    ``repeat`` is 0 for the evaluation that counts; later ones only check that its
    outputs come out the same again, and are on no board.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        LEASED = "leased"
        SCORED = "scored"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competition = models.ForeignKey(
        "competitions.Competition", on_delete=models.PROTECT, related_name="evaluations"
    )
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, null=True, related_name="evaluations"
    )
    model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="evaluations"
    )
    split = models.CharField(max_length=8)
    repeat = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)

    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    evaluator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    queued_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    score = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    shown = models.FloatField(
        null=True, help_text="what a live board that rises by steps shows instead"
    )
    climbed = models.BooleanField(
        default=True, help_text="counts on the live board; false where it fell short"
    )
    outputs = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, null=True, related_name="+"
    )
    slices = models.JSONField(
        default=list, help_text="scores of parts, reported and never ranked"
    )
    outputs_digest = models.CharField(max_length=64, blank=True)
    engine_version = models.CharField(max_length=120, blank=True)
    usage = models.JSONField(default=dict)
    failure_code = models.CharField(max_length=60, blank=True)
    failure_sentence = models.TextField(blank=True)

    class Meta:
        ordering = ["queued_at"]
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=models.Q(status__in=["queued", "leased"]),
                name="evaluation_pending",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "model", "split", "repeat"],
                condition=~models.Q(status__in=["failed", "cancelled"]),
                name="evaluation_one_live",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="scored") | models.Q(score__isnull=False),
                name="evaluation_scored_has_score",
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation {self.id} ({self.split}, {self.status})"

    @property
    def told(self) -> Estimate | None:
        """What may be told of the score, with its interval; None without a score.

        On a board that rises by steps that is the step; its interval is that of a
        share, so that it says no more than the step does.
        """
        if self.score is None or self.low is None or self.high is None:
            return None
        if self.shown is not None:
            return wilson(self.shown, self.total)
        return Estimate(self.score, self.low, self.high)

    @property
    def told_slices(self) -> list[dict[str, Any]]:
        """What may be told of its slices; nothing where the board rises by steps."""
        return [] if self.shown is not None else list(self.slices)

    def is_held_by(self, lease: str, now: datetime) -> bool:
        """Whether this lease is the one in force."""
        return (
            self.status == self.Status.LEASED
            and str(self.lease) == lease
            and self.leased_until is not None
            and now < self.leased_until
        )
