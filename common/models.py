"""Work to be done after commit, and the worker's pulse."""

import uuid

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """A row of the outbox: written in the transaction whose work it continues.

    A ``call`` runs a registered handler in a platform worker and is done when that
    has succeeded. A ``message`` is for another process and done once it is sent.
    """

    class Kind(models.TextChoices):
        CALL = "call"
        MESSAGE = "message"

    class Status(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DONE = "done"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=80)
    queue = models.CharField(max_length=40, default="platform")
    arguments = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(status__in=["waiting", "sent"]),
                name="job_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class Pulse(models.Model):
    """When a kind of worker was last seen to do work: a liveness that is proved."""

    name = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at:%H:%M:%S}"
