"""The caller's wallet."""

from collections.abc import Iterator

from assay.client.paging import walk
from assay.client.reading import read
from assay.client.records import Balance, Dues, FaucetGift, StatementLine
from assay.client.transport import Transport


class Wallet:
    """The wallet in the platform's asset."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def balance(self) -> Balance:
        """What is in it."""
        return read(Balance, self._transport.get("/api/me")["balance"])

    def statement(self) -> Iterator[StatementLine]:
        """Its movements, the newest first."""
        return walk(
            lambda page: self._transport.get("/api/me/statement", page), StatementLine
        )

    def deposits(self) -> Iterator[Dues]:
        """Fees and deposits of the caller's entries, the newest first."""
        return walk(lambda page: self._transport.get("/api/me/deposits", page), Dues)

    def faucet(self, amount: str, *, key: str) -> FaucetGift:
        """Get test tokens, where the platform gives them away; once per ``key``."""
        document = self._transport.post("/api/me/faucet", {"amount": amount}, key=key)
        return read(FaucetGift, document)
