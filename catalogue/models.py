"""Models, their files, contributors and parents."""

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from common.amounts import AmountField

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


class Parent(models.Model):
    """One edge of the lineage: ``child`` was derived from ``parent``.

    The parent's share of the child's income is frozen here when the child is made,
    as the parent's terms stated it then.
    """

    child = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="children")
    revenue_percent = models.DecimalField(max_digits=9, decimal_places=6, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="parent_once"),
            models.CheckConstraint(
                condition=~models.Q(child=models.F("parent")), name="parent_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} from {self.parent_id}"


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
