"""Questions to the book."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from assay.protocol import money
from assay.protocol.errors import NotFound
from ledger.models import Account, AccountKind, Asset, Hold


@dataclass(frozen=True, slots=True)
class Position:
    """How an account stands: all base units, and those that holds keep."""

    account: Account
    balance: int
    held: int

    @property
    def available(self) -> int:
        """Base units that can be spent."""
        return self.balance - self.held


def asset(symbol: str) -> money.Asset:
    """The asset of that symbol, for reading and writing amounts.

    Raises:
        NotFound: there is none.
    """
    found = Asset.objects.filter(symbol=symbol).first()
    if found is None:
        raise NotFound("asset_unknown", f"There is no asset {symbol}.", where="asset")
    return found.unit


def balance(*, kind: AccountKind, owner: str, asset: str) -> int:
    """Base units in the account; 0 when it was never opened."""
    rows = Account.objects.filter(kind=kind, owner=owner, asset=asset)
    return sum(rows.values_list("balance", flat=True))


def available(*, kind: AccountKind, owner: str, asset: str) -> int:
    """Base units of the balance that no hold keeps; 0 when it was never opened."""
    rows = Account.objects.filter(kind=kind, owner=owner, asset=asset)
    return sum(account.available for account in rows)


def funds_of(
    *, kind: AccountKind, owners: Sequence[str], asset: str
) -> dict[str, tuple[int, int]]:
    """Balance and what no hold keeps of it, by owner; 0 where there is no account."""
    found = dict.fromkeys(owners, (0, 0))
    for account in Account.objects.filter(kind=kind, owner__in=owners, asset=asset):
        balance, free = found[account.owner]
        found[account.owner] = (balance + account.balance, free + account.available)
    return found


def open_holds(account: Account) -> list[Hold]:
    """The account's open holds, the oldest first."""
    return list(
        Hold.objects.filter(account__in=stripes(account), status=Hold.Status.OPEN)
    )


def stripes(account: Account) -> QuerySet[Account]:
    """All rows of the account, whichever of them is given."""
    whole = account.whole_pk
    return Account.objects.filter(Q(pk=whole) | Q(whole=whole)).order_by("stripe")


def position(account: Account) -> Position:
    """How the account stands now, all its stripes together."""
    rows = list(stripes(account))
    return Position(
        rows[0], sum(row.balance for row in rows), sum(row.held for row in rows)
    )


def accounts_of(owner: str) -> list[Position]:
    """All accounts of an owner, by asset and kind."""
    rows = Account.objects.filter(owner=owner).select_related("asset")
    positions: dict[object, Position] = {}
    for row in rows.order_by("asset", "kind", "stripe"):
        before = positions.get(row.whole_pk, Position(row, 0, 0))
        positions[row.whole_pk] = Position(
            before.account, before.balance + row.balance, before.held + row.held
        )
    return list(positions.values())
