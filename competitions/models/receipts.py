"""What evaluators signed."""

from django.db import models


class Receipt(models.Model):
    """The signed receipt of one evaluation; those from before version 0.2 have none."""

    evaluation = models.OneToOneField(
        "competitions.Evaluation", on_delete=models.PROTECT, related_name="receipt"
    )
    key = models.ForeignKey(
        "accounts.EvaluatorKey", on_delete=models.PROTECT, related_name="receipts"
    )
    digest = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64)
    certificate = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"receipt {self.digest[:12]}"
