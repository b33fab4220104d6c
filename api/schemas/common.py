"""Words that several areas share: moments, amounts, digests and pages."""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PlainSerializer,
    WithJsonSchema,
)

from common.paging import MAX_LIMIT


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
Amount = Annotated[str, Field(description="a decimal", examples=["12.5"])]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, hex")]
Count = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
Number = FiniteFloat
SearchWords = Annotated[str, Field(max_length=200, description="found anywhere")]


class RequestBody(BaseModel):
    """A body that a caller sends; a field it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """A body that this API sends."""


Item = TypeVar("Item")


class PageAnswer(Answer, Generic[Item]):
    """Some items, and the cursor to ask for the next ones with, if there are more."""

    items: list[Item]
    next: str | None = None


class Paging(BaseModel):
    """Where a page starts and how long it may be."""

    cursor: str | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)


class FileAnswer(Answer):
    """A file that can be fetched."""

    path: str
    size: int
    sha256: str


class Balance(Answer):
    """What is in an account: all of it, what holds keep, and what can be spent."""

    asset: str
    total: Amount
    held: Amount
    available: Amount
