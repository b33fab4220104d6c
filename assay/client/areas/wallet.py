"""The caller's wallet."""

from collections.abc import Iterator

from assay.client.paging import walk
from assay.client.reading import read
from assay.client.records import (
    Balance,
    Dues,
    FaucetGift,
    LedgerHead,
    StatementLine,
    WalletHold,
)
from assay.client.transport import Transport


class Wallet:
    """The wallet in the platform's asset."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def balance(self) -> Balance:
        """What is in it."""
        return read(Balance, self._transport.get("/api/me")["balance"])

    def statement(self, *, start: str = "", end: str = "") -> Iterator[StatementLine]:
        """Its movements, the newest first, from one day or moment to another."""
        period = {"from": start, "to": end}
        return walk(
            lambda page: self._transport.get("/api/me/statement", {**period, **page}),
            StatementLine,
        )

    def deposits(self) -> Iterator[Dues]:
        """Fees and deposits of the caller's entries, the newest first."""
        return walk(lambda page: self._transport.get("/api/me/deposits", page), Dues)

    def holds(self) -> Iterator[WalletHold]:
        """What is held on it now, the oldest first."""
        return walk(lambda page: self._transport.get("/api/me/holds", page), WalletHold)

    def ledger_head(self) -> LedgerHead:
        """The head of the chain over all transfers; anyone may ask, and keep it."""
        return read(LedgerHead, self._transport.get("/api/ledger/head"))

    def faucet(self, amount: str, *, key: str) -> FaucetGift:
        """Get test tokens, where the platform gives them away; once per ``key``."""
        document = self._transport.post("/api/me/faucet", {"amount": amount}, key=key)
        return read(FaucetGift, document)
