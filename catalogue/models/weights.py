"""What is known of models' weights: sketches, keys to find them by, resemblances."""

from django.db import models
from django.utils import timezone

from catalogue.models.model import Model


class WeightSketch(models.Model):
    """A model's weights as short vectors, made after the model was created."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed"

    model = models.OneToOneField(
        Model, on_delete=models.CASCADE, primary_key=True, related_name="sketch"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    rung_at = models.DateTimeField(default=timezone.now)
    blob = models.ForeignKey(
        "storage.Blob", on_delete=models.PROTECT, null=True, related_name="+"
    )
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["rung_at"],
                condition=models.Q(status__in=["waiting", "working"]),
                name="sketch_pending",
            )
        ]

    def __str__(self) -> str:
        return f"sketch of {self.model_id} ({self.status})"


class SketchKey(models.Model):
    """A key under which a sketch is found; see assay.protocol.similarity.keys."""

    key = models.BigIntegerField()
    sketch = models.ForeignKey(
        WeightSketch, on_delete=models.CASCADE, related_name="keys", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "sketch"], name="sketch_key_once")
        ]
        indexes = [models.Index(fields=["sketch"], name="sketch_key_sketch")]

    def __str__(self) -> str:
        return f"{self.key} of {self.sketch_id}"


class Resemblance(models.Model):
    """``model`` looks derived from ``known``, which it does not declare.

    It flags and does not judge: people do, in the challenge window. ``similarity`` and
    ``share`` are between 0 and 1; ``matches`` lists tensors with their cosines.
    """

    class Kind(models.TextChoices):
        EXACT = "exact", "the same tensors"
        NEAR = "near", "tensors that are almost the same"
        HIDDEN = "hidden", "its change lies under another"
        LAYOUT = "layout", "the same tensors in another order"

    model = models.ForeignKey(
        Model, on_delete=models.CASCADE, related_name="resemblances"
    )
    known = models.ForeignKey(
        Model, on_delete=models.CASCADE, related_name="resembled_by"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    similarity = models.FloatField()
    share = models.FloatField()
    count = models.PositiveIntegerField()
    matches = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-share", "-similarity", "id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="resemblance_newest")
        ]
        constraints = [
            models.UniqueConstraint(fields=["model", "known"], name="resemblance_once")
        ]

    def __str__(self) -> str:
        return f"{self.model_id} resembles {self.known_id}"
