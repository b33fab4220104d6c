"""A competition, its benchmark's splits, its public files and its history."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from common.amounts import AmountField

SLUG = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])\Z",
    "Use 3 to 60 lower-case letters, digits and inner hyphens.",
)
LICENCE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,62}[A-Za-z0-9+]\Z",
    "A licence is named by its id, such as CC-BY-4.0.",
)


class Competition(models.Model):
    """A sponsor's task: benchmark, rules, schedule, stake, prize and licence rule."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        FUNDED = "funded"
        OPEN = "open"
        CLOSED = "closed"
        JUDGING = "judging"
        PROVISIONAL = "provisional"
        SETTLED = "settled"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=60, unique=True, validators=[SLUG])
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    description = models.TextField(blank=True, help_text="Markdown")
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="competitions"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)

    task_type = models.CharField(max_length=40)
    task_options = models.JSONField(default=dict, blank=True)
    metric = models.CharField(max_length=40)
    base_model = models.ForeignKey(
        "catalogue.Model", on_delete=models.PROTECT, related_name="competitions"
    )

    asset = models.ForeignKey(
        "ledger.Asset", on_delete=models.PROTECT, related_name="+"
    )
    minimum_stake = AmountField()
    prize_rule = models.CharField(max_length=40)
    prize_options = models.JSONField(default=dict, blank=True)
    margin = models.FloatField(default=0.0, help_text="over the baseline, on the score")
    board_step = models.FloatField(
        default=0.0, help_text="by which scores rise on the live board; 0 for any"
    )
    required_uses = models.JSONField(
        default=list, blank=True, help_text="uses that a submission's terms must allow"
    )

    data_licence = models.CharField(
        max_length=64,
        blank=True,
        validators=[LICENCE],
        help_text="of the public data: an SPDX id",
    )

    fee_points = models.PositiveSmallIntegerField(
        default=0, help_text="of each award, in basis points, to the platform"
    )
    budget_points = models.PositiveSmallIntegerField(
        default=0, help_text="of each stake, in basis points, for evaluation"
    )
    second_price = AmountField(default=0, help_text="a second of evaluation")
    submission_fee = AmountField(default=0)
    deposit = AmountField(default=0, help_text="held while an entry is evaluated")
    budget_alerted = models.PositiveSmallIntegerField(
        default=0, help_text="percent of the budget whose use was announced last"
    )

    daily_submissions = models.PositiveSmallIntegerField(default=5)
    daily_failures = models.PositiveSmallIntegerField(default=5)
    max_bytes = models.PositiveBigIntegerField(default=2 * 2**30)
    max_seconds = models.PositiveIntegerField(default=900, help_text="CPU, a split")
    max_memory = models.PositiveBigIntegerField(default=6 * 2**30)

    deadline = models.DateTimeField()
    challenge_window = models.DurationField(default=timedelta(days=3))
    provisional_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    rules_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "deadline"], name="competition_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(margin__gte=0), name="competition_margin"
            ),
            models.CheckConstraint(
                condition=models.Q(board_step__gte=0), name="competition_board_step"
            ),
            models.CheckConstraint(
                condition=models.Q(fee_points__lte=10_000)
                & models.Q(budget_points__lte=5_000),
                name="competition_points",
            ),
            models.CheckConstraint(
                condition=models.Q(second_price__gte=0)
                & models.Q(submission_fee__gte=0)
                & models.Q(deposit__gte=0),
                name="competition_prices",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def owner_key(self) -> str:
        """The name by which the ledger knows this competition's escrow."""
        return f"competition:{self.id}"

    @property
    def is_public(self) -> bool:
        """Whether strangers may see it: from the moment it is funded."""
        return self.status != self.Status.DRAFT and (
            self.status != self.Status.CANCELLED or self.opened_at is not None
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in {self.Status.SETTLED, self.Status.CANCELLED}

    @property
    def is_metered(self) -> bool:
        """Whether evaluations are paid for out of a budget."""
        return self.second_price > 0

    def accepts_submissions(self, now: datetime) -> bool:
        """Whether a submission that arrives now would be taken."""
        return self.status == self.Status.OPEN and now < self.deadline


class Split(models.Model):
    """One part of a benchmark. Answers of hidden splits never leave the server."""

    class Name(models.TextChoices):
        SAMPLE = "sample", "public, with answers"
        PUBLIC = "public", "hidden data, live board"
        PRIVATE = "private", "hidden data, final board"

    competition = models.ForeignKey(
        Competition, on_delete=models.CASCADE, related_name="splits"
    )
    name = models.CharField(max_length=8, choices=Name)
    inputs = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, related_name="splits_as_inputs"
    )
    answers = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, related_name="splits_as_answers"
    )
    source = models.ForeignKey(
        "storage.Blob",
        on_delete=models.PROTECT,
        null=True,
        related_name="splits_as_sources",
        help_text="the sponsor's file; unknown of splits from before version 0.2",
    )
    count = models.PositiveIntegerField()
    revealed_at = models.DateTimeField(
        null=True, help_text="when everybody was shown its inputs and answers"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["competition", "name"], name="split_once")
        ]

    def __str__(self) -> str:
        return f"{self.competition_id} {self.name}"


class Attachment(models.Model):
    """A file that anyone who sees the competition may fetch: data, starter kit."""

    competition = models.ForeignKey(
        Competition, on_delete=models.CASCADE, related_name="attachments"
    )
    path = models.CharField(max_length=200)
    blob = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, related_name="attachments"
    )

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "path"], name="attachment_once"
            )
        ]

    def __str__(self) -> str:
        return self.path


class HistoryEntry(models.Model):
    """One public event; each carries the hash of all before it."""

    competition = models.ForeignKey(
        Competition, on_delete=models.CASCADE, related_name="history"
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField()
    head = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="history_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"
