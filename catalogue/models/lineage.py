"""The lineage: edges between models, and statements about models elsewhere."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from assay.protocol.lineage import EXTERNAL, Relation
from catalogue.models.model import NAME, Model

DIGEST = RegexValidator(r"^[0-9a-f]{64}\Z", "A SHA-256 is 64 lower-case hex digits.")
LICENCE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,62}[A-Za-z0-9+]\Z",
    "A licence is named by its id, such as Apache-2.0.",
)
ADDRESS = RegexValidator(
    r"^https://[^\s\x00-\x1f\x7f<>\"]+\Z", "A source is an https address."
)
RELATIONS = [
    (relation.value, relation.value.replace("_", "-")) for relation in Relation
]


class ExternalModel(models.Model):
    """A model that is not here, as somebody states that it is. Nobody verified it.

    A statement never changes; it is cited as ``ext:name``.
    """

    name = models.CharField(max_length=96, unique=True, validators=[NAME])
    source = models.CharField(max_length=500, validators=[ADDRESS])
    digest = models.CharField(max_length=64, validators=[DIGEST])
    licence = models.CharField(max_length=64, validators=[LICENCE])
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["registered_by", "-created_at"], name="external_by_person"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """By which it is cited."""
        return f"{EXTERNAL}{self.name}"


class Parent(models.Model):
    """One edge of the lineage: ``child`` was derived from ``parent``.

    The parent's share of the child's income and the duties that pass through it are
    frozen here when the child is made, as the parent's terms stated them then. The
    database refuses a circle (migration ``0004_no_circles``).
    """

    child = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="children")
    relation = models.CharField(
        max_length=9, choices=RELATIONS, default=Relation.FINE_TUNE.value
    )
    revenue_percent = models.DecimalField(max_digits=9, decimal_places=6, default=0)
    duties = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="parent_once"),
            models.CheckConstraint(
                condition=~models.Q(child=models.F("parent")), name="parent_not_self"
            ),
            models.CheckConstraint(
                condition=models.Q(relation__in=[r.value for r in Relation]),
                name="parent_relation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} from {self.parent_id}"


class ExternalParent(models.Model):
    """``child`` was derived from a model that is not here; nothing is owed to it."""

    child = models.ForeignKey(
        Model, on_delete=models.CASCADE, related_name="external_parents"
    )
    external = models.ForeignKey(
        ExternalModel, on_delete=models.PROTECT, related_name="children"
    )
    relation = models.CharField(max_length=9, choices=RELATIONS)
    duties = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "external"], name="external_parent_once"
            ),
            models.CheckConstraint(
                condition=models.Q(relation__in=[r.value for r in Relation]),
                name="external_parent_relation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} from {self.external_id}"
