"""The book: assets, accounts, and the transfers that nothing changes afterwards.

What a transfer is, the database itself holds to (migration ``0002_append_only``):
two or more postings, zero in sum for each asset, every balance moved with them,
and no row of it ever updated or deleted.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from assay.protocol import money
from common.amounts import AmountField
from ledger.kinds import HOLDING, OVERDRAWING, AccountKind

__all__ = [
    "Account",
    "AccountKind",
    "Asset",
    "ChainLink",
    "Hold",
    "Posting",
    "Sealing",
    "Transfer",
]


class Asset(models.Model):
    """A token or currency; its decimals never change."""

    symbol = models.CharField(primary_key=True, max_length=12)
    decimals = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decimals__lte=24), name="asset_has_at_most_24_decimals"
            )
        ]

    def __str__(self) -> str:
        return self.symbol

    @property
    def unit(self) -> money.Asset:
        """The asset as the money rules know it."""
        return money.Asset(self.symbol, self.decimals)


class Account(models.Model):
    """What one owner has of one asset for one purpose.

    ``owner`` is a word such as ``user:<uuid>``, ``competition:<uuid>`` or
    ``platform``: the book knows nothing of what stands behind it. ``held`` is the
    part of the balance that open holds keep from being spent.

    A hot account is several rows, so that payments need not wait for each other: its
    stripe 0, which stands for the ``whole``, and further stripes that name it. Each
    keeps every rule of an account by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=AccountKind)
    owner = models.CharField(max_length=80)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="accounts")
    stripe = models.PositiveSmallIntegerField(default=0)
    whole = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="stripes"
    )
    balance = AmountField(default=0)
    held = AmountField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "asset", "stripe"], name="account_unique"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values), name="account_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0) | Q(kind__in=OVERDRAWING),
                name="account_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(held=0)
                | Q(held__gt=0, balance__gte=F("held"), kind__in=HOLDING),
                name="account_holds_what_it_has",
            ),
            models.CheckConstraint(
                condition=Q(stripe=0, whole=None)
                | Q(stripe__gt=0, whole__isnull=False),
                name="account_stripe_of_a_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner} in {self.asset_id}"

    @property
    def whole_pk(self) -> uuid.UUID:
        """The id by which the account is meant, whichever stripe this is."""
        return self.whole_id or self.id

    @property
    def available(self) -> int:
        """Base units that can be spent: what no hold keeps."""
        return self.balance - self.held


class Transfer(models.Model):
    """A balanced set of postings, with who asked for it and why.

    ``caller`` and ``key`` name the request: the same pair is the same transfer.
    ``seq`` is the id of its first posting. It is drawn while all of the accounts
    are locked, so on any one account it rises in the order that its balance moved;
    it has gaps.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seq = models.BigIntegerField(unique=True, editable=False)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=120)
    memo = models.CharField(max_length=500, blank=True)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "key"], name="transfer_key_unique"
            )
        ]
        indexes = [
            models.Index(fields=["reference", "seq"], name="transfer_by_reference"),
            models.Index(fields=["recorded_at", "seq"], name="transfer_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """One account's part of a transfer: positive came in, negative went out."""

    id = models.BigAutoField(primary_key=True)
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    amount = AmountField()
    balance_after = AmountField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "account"], name="posting_account_once"
            ),
            models.CheckConstraint(
                condition=~Q(amount=0), name="posting_moves_something"
            ),
        ]
        indexes = [models.Index(fields=["account", "id"], name="posting_by_account")]

    def __str__(self) -> str:
        return f"{self.amount:+d} on {self.account_id}"


class Hold(models.Model):
    """A part of an account's balance, kept for one purpose until it is closed.

    It ends once: *captured* (``captured`` base units of it became ``transfer``, the
    rest is free again), *released*, or *expired*.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CAPTURED = "captured"
        RELEASED = "released"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    amount = AmountField()
    captured = AmountField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    reference = models.CharField(max_length=120)
    memo = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    transfer = models.OneToOneField(
        Transfer, null=True, on_delete=models.PROTECT, related_name="hold"
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="hold_key_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="hold_of_something"),
            models.CheckConstraint(
                condition=Q(captured__gte=0, captured__lte=F("amount")),
                name="hold_captured_within",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None, captured=0, transfer=None)
                | Q(
                    status="captured",
                    closed_at__isnull=False,
                    captured__gt=0,
                    transfer__isnull=False,
                )
                | Q(
                    status__in=["released", "expired"],
                    closed_at__isnull=False,
                    captured=0,
                    transfer=None,
                ),
                name="hold_status_fits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "created_at", "id"],
                name="hold_open_by_account",
                condition=Q(status="open"),
            ),
            models.Index(
                fields=["expires_at"],
                name="hold_open_by_expiry",
                condition=Q(status="open", expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} hold of {self.amount} on {self.account_id}"


class ChainLink(models.Model):
    """A transfer's place in the chain: its digest, and the head after it.

    ``number`` counts from 1 without gaps. Links follow the order of sealing, which is
    that of ``seq`` but for transfers that were committed later than one after them.
    """

    number = models.BigIntegerField(primary_key=True)
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, related_name="link"
    )
    digest = models.CharField(max_length=64)
    head = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.head}"


class Sealing(models.Model):
    """The one row whose lock says who seals, and how far sealing has come.

    No transfer up to ``floor`` can still be without a link. ``candidate`` becomes the
    floor when every transaction before ``candidate_xid`` has ended.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    floor = models.BigIntegerField(default=0)
    candidate = models.BigIntegerField(default=0)
    candidate_xid = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"sealed up to {self.floor}"
