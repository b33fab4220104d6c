"""Questions about payments: statements, totals, and the public record of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound
from common.amounts import AmountSum
from common.paging import Page, keyset
from royalties.models import Royalty, RoyaltyPart, ShareTransfer, Withdrawal
from royalties.selectors.licences import is_id

GROUPS = ("model", "month", "payer")
COUNTED = (Royalty.Status.HELD, Royalty.Status.PAID)


@dataclass(frozen=True)
class PartFilter:
    """Which of a person's royalties are meant; empty and None are all.

    Attributes:
        model: ``owner/name`` of the model in which the share is held.
        payer: a licensee's handle.
    """

    model: str = ""
    payer: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Total:
    """Base units that came under one heading."""

    name: str
    payments: int
    held: int
    paid: int


def royalty_parts_of(
    user: User,
    *,
    only: PartFilter | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[RoyaltyPart]:
    """What the person is paid out of royalties, newest first."""
    found = _parts(user, only or PartFilter()).select_related(
        "royalty__licence__licensee", "royalty__licence__model__owner", "model__owner"
    )
    return keyset(found, cursor=cursor, limit=limit, order=["-id"])


def totals_of(user: User, *, by: str, only: PartFilter | None = None) -> list[Total]:
    """The person's royalties summed by model, month or payer; the largest first.

    Refunded payments count for nothing.

    Raises:
        Invalid: they cannot be grouped like that.
    """
    if by not in GROUPS:
        raise Invalid(
            "totals_group",
            f"Royalties cannot be summed by {by!r}.",
            fix=f"Use one of: {', '.join(GROUPS)}.",
            where="by",
        )
    rows = _parts(user, only or PartFilter()).filter(royalty__status__in=COUNTED)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for name, status, amount in _named(rows, by):
        sums[name, status][0] += 1
        sums[name, status][1] += amount
    names = dict.fromkeys(name for name, _ in sums)
    totals = [_total(name, sums) for name in names]
    return sorted(totals, key=lambda total: (-(total.held + total.paid), total.name))


def _total(name: str, sums: dict[tuple[str, str], list[int]]) -> Total:
    held = sums.get((name, Royalty.Status.HELD), [0, 0])
    paid = sums.get((name, Royalty.Status.PAID), [0, 0])
    return Total(name, held[0] + paid[0], held[1], paid[1])


def _named(
    rows: QuerySet[RoyaltyPart], by: str
) -> Sequence[tuple[str, str, int]] | list[tuple[str, str, int]]:
    """(heading, status, amount) of each part."""
    columns = {
        "model": ("model__owner__username", "model__name"),
        "month": ("royalty__paid_at",),
        "payer": ("royalty__licence__licensee__username",),
    }[by]
    found = rows.order_by().values_list("royalty__status", "amount", *columns)
    return [
        (
            names[0].strftime("%Y-%m") if by == "month" else "/".join(names),
            status,
            amount,
        )
        for status, amount, *names in found.iterator()
    ]


def _parts(user: User, only: PartFilter) -> QuerySet[RoyaltyPart]:
    found = RoyaltyPart.objects.filter(payee=user)
    if only.model:
        owner, _, name = only.model.partition("/")
        found = found.filter(model__owner__username=owner, model__name=name)
    if only.payer:
        found = found.filter(royalty__licence__licensee__username=only.payer)
    if only.since is not None:
        found = found.filter(royalty__paid_at__gte=only.since)
    if only.until is not None:
        found = found.filter(royalty__paid_at__lt=only.until)
    return found


def payment_by_id(payment_id: str) -> Royalty:
    """A payment whose record anybody may read.

    Raises:
        NotFound: there is none.
    """
    found = None
    if is_id(payment_id):
        recorded = Royalty.objects.select_related("transfer", "payout")
        found = recorded.exclude(record=None).filter(pk=payment_id).first()
    if found is None:
        raise NotFound("payment_not_found", "There is no such payment.")
    return found


def share_offers(person: User) -> list[ShareTransfer]:
    """Offers by and to the person that are not decided yet, the newest first."""
    mine = Q(giver=person) | Q(taker=person)
    found = ShareTransfer.objects.filter(mine, status=ShareTransfer.Status.OFFERED)
    found = found.select_related("giver", "taker", "model__owner")
    return list(found.order_by("-offered_at")[:200])


def split_of(royalty: Royalty) -> list[RoyaltyPart]:
    """The whole split of one payment, the largest part first."""
    parts = royalty.parts.select_related("payee", "model__owner")
    return sorted(parts, key=lambda part: -part.amount)


@dataclass(frozen=True)
class Income:
    """Base units that a person has out of royalties, and that still wait."""

    paid: int
    held: int


def income_of(user: User) -> Income:
    """All that royalties ever brought the person, in one query."""
    parts = RoyaltyPart.objects.filter(payee=user, royalty__status__in=COUNTED)
    by_status = parts.order_by().values_list("royalty__status")
    sums = dict(by_status.annotate(total=AmountSum("amount")))
    return Income(
        paid=sums.get(Royalty.Status.PAID, 0), held=sums.get(Royalty.Status.HELD, 0)
    )


def earnings(user: User) -> int:
    """Base units that the person ever got out of royalties, paid out."""
    return income_of(user).paid


def awaited(user: User) -> int:
    """Base units that are the person's once refund windows end."""
    return income_of(user).held


def withdrawals_of(
    user: User, *, cursor: str | None = None, limit: int = 20
) -> Page[Withdrawal]:
    """The person's requests, newest first."""
    found = Withdrawal.objects.filter(user=user)
    return keyset(found, cursor=cursor, limit=limit, order=["-requested_at", "-id"])


def withdrawals_waiting() -> list[Withdrawal]:
    """Requests that staff has to decide, the oldest first."""
    found = Withdrawal.objects.filter(status=Withdrawal.Status.REQUESTED)
    return list(found.select_related("user").order_by("requested_at")[:500])
