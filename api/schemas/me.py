"""A person's own account, wallet, tokens and income."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.common import (
    Amount,
    Answer,
    Balance,
    Moment,
    PageAnswer,
    Paging,
    RequestBody,
)


class MeAnswer(Answer):
    """Who is logged in, by what kind of credential, and what they have."""

    handle: str
    scope: str
    balance: Balance


class FaucetBody(RequestBody):
    """How much to be given."""

    amount: Amount


class FaucetAnswer(Answer):
    """The transfer that was made and the balance after it."""

    transfer: UUID
    balance: Balance


class SendBody(RequestBody):
    """To whom, how much, and a note for both."""

    to: str = Field(max_length=39)
    amount: Amount
    memo: str = Field(default="", max_length=200)


class SentAnswer(Answer):
    """The transfer that was made and the balance after it."""

    transfer: UUID
    to: str
    amount: Amount
    balance: Balance


class StatementQuery(Paging):
    """A page of a statement, and the period that it is of.

    Both ends are days in UTC, the last included, or moments with their zone.
    """

    start: str = Field(default="", alias="from", max_length=40)
    end: str = Field(default="", alias="to", max_length=40)


class StatementLine(Answer):
    """One movement of the account, and the balance after it.

    `page` is the address of the page about what caused it, where there is one.
    """

    at: Moment
    kind: str
    memo: str
    reference: str
    amount: Amount
    running: Amount
    asset: str
    transfer: UUID
    page: str | None


class StatementAnswer(PageAnswer[StatementLine]):
    """Lines of a statement, and what the period opened and closed with."""

    asset: str
    opening: Amount
    closing: Amount


class HoldAnswer(Answer):
    """A part of the wallet that is kept for one purpose until it ends."""

    id: UUID
    amount: Amount
    asset: str
    memo: str
    reference: str
    created_at: Moment
    expires_at: Moment | None


class TokenBody(RequestBody):
    """A token to be made; it never expires unless told so."""

    name: str = Field(min_length=1, max_length=80)
    expires_at: AwareDatetime | None = None


class TokenAnswer(Answer):
    """A token, recognised by its prefix."""

    id: UUID
    name: str
    scope: str
    prefix: str
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None


class NewTokenAnswer(TokenAnswer):
    """A token with its secret, which is shown only this once."""

    secret: str
