"""The caller's wallet."""

from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import (
    Balance,
    Dues,
    FaucetGift,
    LedgerHead,
    Sent,
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

    def statement(self, *, start: str = "", end: str = "") -> Walk[StatementLine]:
        """Its movements, the newest first, from one day or moment to another."""
        period = {"from": start, "to": end}
        return Walk(
            lambda page: self._transport.get("/api/me/statement", {**period, **page}),
            StatementLine,
        )

    def deposits(self) -> Walk[Dues]:
        """Fees and deposits of the caller's entries, the newest first."""
        return Walk(lambda page: self._transport.get("/api/me/deposits", page), Dues)

    def holds(self) -> Walk[WalletHold]:
        """What is held on it now, the oldest first."""
        return Walk(lambda page: self._transport.get("/api/me/holds", page), WalletHold)

    def ledger_head(self) -> LedgerHead:
        """The head of the chain over all transfers; anyone may ask, and keep it."""
        return read(LedgerHead, self._transport.get("/api/ledger/head"))

    def send(self, to: str, amount: str, *, memo: str = "", key: str) -> Sent:
        """Send tokens to the person of that handle; once per ``key``."""
        body = {"to": to, "amount": amount, "memo": memo}
        return read(Sent, self._transport.post("/api/me/transfers", body, key=key))

    def faucet(self, amount: str, *, key: str) -> FaucetGift:
        """Get test tokens, where the platform gives them away; once per ``key``."""
        document = self._transport.post("/api/me/faucet", {"amount": amount}, key=key)
        return read(FaucetGift, document)
