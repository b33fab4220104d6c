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
    # What is copied, in order: [at, length, SHA-256 of the source, offset there].
    recipe = models.JSONField(default=list)
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
    def coming(self) -> int:
        """Bytes that must be sent: those that are copied from nowhere."""
        return int(self.size - sum(length for _, length, _, _ in self.recipe))

    @property
    def part_count(self) -> int:
        """How many parts make what is sent; of nothing there is one, empty, part."""
        return max(1, -(-self.coming // self.part_size))

    def length_of(self, number: int) -> int:
        """Bytes in part ``number``, counted from 1."""
        return min(self.part_size, self.coming - (number - 1) * self.part_size)


class UploadSource(models.Model):
    """A blob that an upload copies from, which must stay until it has."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="sources")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "blob"], name="upload_source_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} copies from {self.blob_id}"


class BlockMap(models.Model):
    """The blocks of a blob (``assay.protocol.blocks``), from when it was asked for."""

    blob = models.OneToOneField(
        Blob, on_delete=models.CASCADE, primary_key=True, related_name="block_map"
    )
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"blocks of {self.blob_id}"
