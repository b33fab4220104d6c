"""What evaluators lease and return."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from api.schemas.common import (
    Answer,
    Count,
    Digest,
    FileAnswer,
    Moment,
    Number,
    RequestBody,
)
from assay.protocol.outputs import MAX_OUTPUT_TEXT


def from_hex(text: object) -> float:
    """The float that `float.hex` wrote, bit for bit.

    Raises:
        ValueError: it is no such text.
    """
    if not isinstance(text, str):
        msg = "write each score as float.hex does, such as 0x1.8p+0"
        raise ValueError(msg)
    try:
        return float.fromhex(text)
    except OverflowError as error:
        msg = f"{text} is outside the range of a float"
        raise ValueError(msg) from error


HexFloat = Annotated[
    float, BeforeValidator(from_hex, json_schema_input_type=str), Field(strict=True)
]
Lease = Annotated[str, Field(max_length=64)]


class InputsAnswer(Answer):
    """The file of inputs: JSON lines without labels."""

    sha256: str
    size: int


class LimitsAnswer(Answer):
    """What one run may use."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int


class JobAnswer(Answer):
    """An evaluation that is leased to the caller, and all that it needs."""

    evaluation: str
    lease: str
    lease_seconds: int
    leased_at: Moment
    split: str
    task_type: str
    options: dict[str, Any]
    metric: str
    precision: str
    model_files: list[FileAnswer]
    base_files: list[FileAnswer]
    adapter: bool
    inputs: InputsAnswer
    limits: LimitsAnswer


class HeartbeatBody(RequestBody):
    """A sign of life with progress."""

    lease: Lease
    done: Count
    total: Count


class OutputBody(RequestBody):
    """What the model said of one example: a number for each choice, or a text."""

    id: str = Field(max_length=200)
    scores: list[HexFloat] = Field(default_factory=list)
    text: str | None = Field(default=None, max_length=MAX_OUTPUT_TEXT)


class UsageBody(RequestBody):
    """What the run used."""

    cpu_seconds: Number = Field(default=0.0, ge=0)
    wall_seconds: Number = Field(default=0.0, ge=0)
    peak_bytes: Count = 0


class ReceiptBody(RequestBody):
    """A signed receipt: canonical JSON, who signed it, and the signature."""

    document: dict[str, Any]
    key_id: str = Field(max_length=64)
    signature: str = Field(max_length=100)


class OutputsBody(RequestBody):
    """All outputs of one evaluation, with their digest and the receipt."""

    lease: Lease
    outputs: list[OutputBody]
    digest: Digest
    engine_version: str = Field(max_length=120)
    usage: UsageBody
    receipt: ReceiptBody


class FailureBody(RequestBody):
    """Why there are no outputs: the model's fault, or the platform's."""

    lease: Lease
    fault: Literal["model", "platform"]
    code: str = Field(max_length=60)
    sentence: str = Field(max_length=2000)
    usage: UsageBody = UsageBody()


class EvaluatorKeyBody(RequestBody):
    """A public key, signed for by itself; `replaces` names an older one that ends."""

    public: str = Field(max_length=44)
    signature: str = Field(max_length=100)
    replaces: str = Field(default="", max_length=32)


class RevocationBody(RequestBody):
    """From when on nothing that a key signed is believed; from now on when empty."""

    since: Moment | None = None


class EvaluatorKeyAnswer(Answer):
    """A key that receipts are checked with, and the time in which it counts."""

    key_id: str
    public: str
    operator: str
    since: Moment
    until: Moment | None
    revoked_at: Moment | None
