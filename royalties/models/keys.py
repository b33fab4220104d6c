"""The keys that certificates are signed by; their private halves are files."""

from django.db import models
from django.db.models import Q

from assay.protocol.certificates import IssuerKey


class SigningKey(models.Model):
    """One public key of the platform's and the time in which it signs."""

    key_id = models.CharField(primary_key=True, max_length=32)
    public = models.CharField(max_length=44)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    is_revoked = models.BooleanField(default=False)

    class Meta:
        ordering = ["since", "key_id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(until__isnull=True),
                name="signing_key_one_in_use",
            )
        ]

    def __str__(self) -> str:
        return self.key_id

    def as_issuer_key(self) -> IssuerKey:
        """The key as the rules of certificates read it."""
        return IssuerKey(self.public, self.since, self.until, self.is_revoked)
