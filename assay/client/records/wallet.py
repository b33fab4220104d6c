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
    """What is in a wallet: all of it, what holds keep, and what can be spent."""

    asset: str
    total: str
    held: str
    available: str


@dataclass(frozen=True, slots=True)
class Me:
    """Who the token belongs to."""

    handle: str
    scope: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a wallet, and the balance after it.

    ``page`` is the address, on the server, of the page about what caused it.
    """

    at: datetime
    kind: str
    memo: str
    reference: str
    amount: str
    running: str
    asset: str
    transfer: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class WalletHold:
    """A part of a wallet that is kept for one purpose until it ends."""

    id: str
    amount: str
    asset: str
    memo: str
    reference: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The head of the chain that binds the ledger's first ``number`` transfers."""

    number: int
    head: str
    transfer: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Tokens that went to somebody, and the balance after them."""

    transfer: str
    to: str
    amount: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class FaucetGift:
    """Test tokens that arrived, and the balance after them."""

    transfer: str
    balance: Balance
