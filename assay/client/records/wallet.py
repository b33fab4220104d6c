"""The platform, the caller and their wallet."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Asset:
    """The platform's token; one whole is ``10 ** decimals`` base units."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True)
class PlatformVersion:
    """What the server says of itself."""

    version: str
    asset: Asset
    faucet: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """What is in a wallet."""

    asset: str
    total: str


@dataclass(frozen=True, slots=True)
class Me:
    """Who the token belongs to."""

    handle: str
    scope: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a wallet, and the balance after it."""

    at: datetime
    kind: str
    memo: str
    reference: str
    amount: str
    running: str
    asset: str
    transfer: str


@dataclass(frozen=True, slots=True)
class FaucetGift:
    """Test tokens that arrived, and the balance after them."""

    transfer: str
    balance: Balance
