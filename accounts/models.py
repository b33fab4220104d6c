"""People, and the tokens and keys they use from outside a browser."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from assay.protocol.receipts import EvaluatorKey as PublishedKey

HANDLE = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,37}[a-z0-9])?\Z",
    "Use 1 to 39 lower-case letters, digits and inner hyphens.",
)


class User(AbstractUser):
    """A person; ``username`` is the handle by which others know them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        "handle", max_length=39, unique=True, validators=[HANDLE]
    )
    email = models.EmailField("e-mail", blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="handle_unique_any_case")
        ]

    @property
    def owner_key(self) -> str:
        """The name by which the ledger knows this person."""
        return owner_key_of(self.id)


def owner_key_of(user_id: uuid.UUID) -> str:
    """The name by which the ledger knows the person of that id."""
    return f"user:{user_id}"


class ApiToken(models.Model):
    """A bearer token: only its SHA-256 is kept, and a prefix to recognise it by."""

    class Scope(models.TextChoices):
        PERSON = "person", "everything its person may do"
        EVALUATOR = "evaluator", "lease evaluations and return their outputs"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=12, choices=Scope, default=Scope.PERSON)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not expired and self.user.is_active


class EvaluatorKey(models.Model):
    """A public key that an operator's evaluator signs receipts with.

    ``until`` is set when another took its place: what it signed before stays good.
    ``revoked_at`` is the moment from which nothing of it is believed.
    """

    key_id = models.CharField(primary_key=True, max_length=32)
    public = models.CharField(max_length=44)
    operator = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="evaluator_keys"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since", "key_id"]

    def __str__(self) -> str:
        return f"{self.key_id} of {self.operator_id}"

    def published(self) -> PublishedKey:
        """The key as the rules of receipts read it."""
        return PublishedKey(
            public=self.public,
            operator=self.operator.username,
            since=self.since,
            until=self.until,
            revoked_at=self.revoked_at,
        )
