"""Every expected "no", as one tree.

    Refusal
    ├── Invalid            what was sent cannot be read or breaks a rule
    │   └── TooLarge       … because it is larger than a stated limit
    ├── Unauthenticated    nobody is logged in
    ├── Forbidden          somebody is, and may not
    ├── NotFound           there is no such thing, or it may not be seen
    ├── Conflict           the thing is in a state that does not allow it
    │   └── InsufficientFunds
    ├── LimitReached       a quota or rate is used up for now
    ├── PaymentRequired    it costs something, and the caller has not agreed to pay
    └── Unavailable        a part of the platform is missing or too busy

A refusal carries a stable code for machines, a sentence for people, and how to
mend it. Doors (HTTP, command line, pages) map the class to their own status.
"""

from datetime import datetime


class Refusal(Exception):
    """A request that is understood and not carried out; nothing was changed.

    Args:
        code: stable snake_case word, part of the public API.
        sentence: what is wrong, in one sentence for people.
        fix: how to mend it; may be empty when there is nothing to do.
        where: the field, file or row that is wrong, when there is one.
    """

    def __init__(
        self, code: str, sentence: str, *, fix: str = "", where: str = ""
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.fix = fix
        self.where = where

    def __str__(self) -> str:
        return f"{self.sentence} {self.fix}".strip()


class Invalid(Refusal):
    """What was sent cannot be read or breaks a rule."""


class TooLarge(Invalid):
    """What was sent is larger than a stated limit."""


class Unauthenticated(Refusal):
    """Nobody is logged in."""


class Forbidden(Refusal):
    """The caller is known and may not do this."""


class NotFound(Refusal):
    """There is no such thing, or the caller may not see it."""


class Conflict(Refusal):
    """The thing is in a state that does not allow this."""


class InsufficientFunds(Conflict):
    """The account does not hold enough for this."""


class LimitReached(Refusal):
    """A quota or a rate is used up; ``retry_at`` says when the next is allowed."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        fix: str = "",
        where: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(code, sentence, fix=fix, where=where)
        self.retry_at = retry_at


class PaymentRequired(Refusal):
    """It costs something, and the caller has not agreed; amounts are decimal text."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        fix: str = "",
        where: str = "",
        fee: str = "0",
        deposit: str = "0",
        total: str = "0",
        asset: str = "",
    ) -> None:
        super().__init__(code, sentence, fix=fix, where=where)
        self.fee = fee
        self.deposit = deposit
        self.total = total
        self.asset = asset


class Unavailable(Refusal):
    """A part of the platform is missing or too busy; trying again may help."""
