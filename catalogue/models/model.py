"""Models, their files and contributors."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

NAME = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9])?\Z",
    "Use 1 to 96 lower-case letters, digits, dots, hyphens and underscores.",
)


class Model(models.Model):
    """A frozen, content-addressed set of files with terms, shares and parents.

    Nothing of it changes after it was created, save that it is published.
    """

    class Kind(models.TextChoices):
        FULL = "full", "whole model"
        ADAPTER = "adapter", "LoRA adapter"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="models"
    )
    name = models.CharField(max_length=96, validators=[NAME])
    kind = models.CharField(max_length=8, choices=Kind)
    architecture = models.CharField(max_length=80, blank=True)
    manifest_digest = models.CharField(max_length=64)
    terms = models.JSONField(help_text="UDL tags, canonical")
    card = models.TextField(blank=True, help_text="Markdown for people")
    is_base = models.BooleanField(default=False, help_text="may be built upon by rule")
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="model_name_once")
        ]
        indexes = [models.Index(fields=["-published_at", "id"], name="model_newest")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """``owner/name``, by which it is cited."""
        return f"{self.owner.username}/{self.name}"

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.blob.size for file in self.files.select_related("blob"))


class ModelFile(models.Model):
    """One file of a model."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=200)
    blob = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, related_name="model_files"
    )

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["model", "path"], name="model_file_once")
        ]

    def __str__(self) -> str:
        return self.path


class Contributor(models.Model):
    """Integer parts by which a model's income is split."""

    model = models.ForeignKey(
        Model, on_delete=models.CASCADE, related_name="contributors"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shares"
    )
    parts = models.PositiveIntegerField()

    class Meta:
        ordering = ["-parts", "id"]
        constraints = [
            models.UniqueConstraint(fields=["model", "user"], name="contributor_once"),
            models.CheckConstraint(
                condition=models.Q(parts__gt=0), name="contributor_has_parts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.parts}"
