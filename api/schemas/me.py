"""A person's own account, wallet, tokens and income."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.common import Amount, Answer, Balance, Moment, RequestBody


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


class StatementLine(Answer):
    """One movement of the wallet, and the balance after it."""

    at: Moment
    kind: str
    memo: str
    reference: str
    amount: Amount
    running: Amount
    asset: str
    transfer: UUID


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
