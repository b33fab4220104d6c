"""What the ledger publishes of itself."""

from uuid import UUID

from pydantic import Field

from api.schemas.common import Answer


class LedgerHeadAnswer(Answer):
    """The head of the chain over all transfers: it binds every one before it.

    Whoever keeps it can have the operator prove later that nothing up to it was
    changed. `number` counts the transfers; at 0 nothing was sealed yet.
    """

    number: int
    head: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, hex")
    transfer: UUID | None
