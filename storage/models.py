"""Blobs, who holds them, and uploads that are under way."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from storage.stores.store import Staging

SHA256 = RegexValidator(r"^[0-9a-f]{64}\Z", "A SHA-256 is 64 lower-case hex digits.")


class Blob(models.Model):
    """Bytes that are named by their SHA-256 and stored once."""

    sha256 = models.CharField(primary_key=True, max_length=64, validators=[SHA256])
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    # When somebody last sent or asked for it; what nobody needs is kept a while longer.
    touched_at = models.DateTimeField(default=timezone.now)
    # Set when nothing needed it: then it is nobody's, and its bytes go some time later.
    doomed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.sha256


class Holding(models.Model):
    """A person has shown that they have these bytes, by sending them.

    Whoever only knows a digest, from a public page say, does not hold the blob:
    a stored blob is spared from a second upload for its holders alone.
    """

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="holdings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="holdings"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "user"], name="holding_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} holds {self.blob_id}"


class Upload(models.Model):
    """One file on its way in, part by part; it can be resumed until it expires."""

    class Status(models.TextChoices):
        OPEN = "open"
        COMPLETE = "complete"
        ABORTED = "aborted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    sha256 = models.CharField(max_length=64, validators=[SHA256])
    size = models.PositiveBigIntegerField()
    part_size = models.PositiveBigIntegerField()
    # The store's own name for it.
    session = models.CharField(max_length=1024, default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "sha256"],
                condition=models.Q(status="open"),
                name="upload_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"upload {self.id} of {self.sha256}"

    @property
    def staging(self) -> Staging:
        """Where its parts gather."""
        return Staging(
            upload=str(self.pk),
            session=self.session,
            part_size=self.part_size,
            part_count=self.part_count,
        )

    @property
    def part_count(self) -> int:
        """How many parts make the file; an empty file has one, empty, part."""
        return max(1, -(-self.size // self.part_size))

    def length_of(self, number: int) -> int:
        """Bytes in part ``number``, counted from 1."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)
