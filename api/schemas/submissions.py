"""Entries, and what became of them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.challenges import DutyAnswer, StruckAnswer
from api.schemas.common import Answer, Digest, Moment, Number, RequestBody
from api.schemas.models import CarriedDutyAnswer, ResemblanceAnswer
from api.schemas.paymaster import DuesAnswer
from assay.protocol.manifest import MAX_PARENTS
from competitions.specification import EntrySpec

ParentText = Annotated[
    str,
    Field(max_length=200, description="owner/name or ext:name, perhaps :relation"),
]


class EntryBody(RequestBody):
    """A submission as its miner describes it; its files were uploaded beforehand.

    With `repository` they are those of one of your commits; then `name`, `kind` and
    `terms` may be left out: terms are read from its `terms.toml` or card.
    """

    name: str = ""
    kind: Literal["full", "adapter", ""] = ""
    files: dict[str, Digest] = Field(default={}, description="SHA-256 by path")
    terms: dict[str, str] = Field(default={}, description="UDL tags")
    repository: str = Field(
        default="", max_length=200, description="name@commit, in place of files"
    )
    shares: dict[str, int] = Field(default={}, description="integer parts by handle")
    parents: list[ParentText] = Field(default=[], max_length=MAX_PARENTS)
    message: str = Field(default="", max_length=200)
    card: str = Field(default="", description="Markdown")
    pay: bool = Field(
        default=False,
        strict=True,
        description="agree to pay fee and deposit where no pool pays them",
    )

    def spec(self) -> EntrySpec:
        """The same as the verb takes it."""
        return EntrySpec(**self.model_dump())


class TermsPreviewBody(RequestBody):
    """What an entry would say of itself; without terms, what they may be is told."""

    kind: Literal["full", "adapter"] = "full"
    parents: list[ParentText] = Field(default=[], max_length=MAX_PARENTS)
    terms: dict[str, str] | None = Field(default=None, description="UDL tags")


class OwedAnswer(Answer):
    """Percent of the income that goes to a parent."""

    to: str
    percent: str


class ConflictAnswer(Answer):
    """Why it would be refused; `path` names those whose wishes do not go together."""

    path: list[str]
    code: str
    sentence: str
    fix: str
    where: str


class TermsPreviewAnswer(Answer):
    """What parents and licence rule leave; `widest` are the widest terms, if any."""

    commercial: bool
    training: bool
    widest: dict[str, str] | None
    same_as: list[str]
    required: list[str]
    ends: str | None
    duties: list[CarriedDutyAnswer]
    owed: list[OwedAnswer]
    conflicts: list[ConflictAnswer]


class FailureAnswer(Answer):
    """Why an evaluation has no score, or had to be tried again."""

    code: str
    sentence: str


class ReceiptBriefAnswer(Answer):
    """A receipt by its digest, its root, and who signed it with which key."""

    digest: str
    root: str
    key_id: str


class SliceAnswer(Answer):
    """The score of the `count` examples whose `column` has the value `name`."""

    column: str
    name: str
    count: int
    value: Number
    low: Number
    high: Number


class EvaluationAnswer(Answer):
    """One split's evaluation, with its progress and result.

    `repeat` is 0 for the one that counts; others only check that its outputs come
    out the same again. `slices` are reported, and rank nobody.
    """

    id: UUID
    split: str
    repeat: int
    status: str
    score: Number | None
    low: Number | None
    high: Number | None
    done: int
    total: int
    attempts: int
    seconds: Number | None
    queued_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    failure: FailureAnswer | None
    outputs_digest: str
    engine_version: str
    receipt: ReceiptBriefAnswer | None
    slices: list[SliceAnswer]


class SubmissionAnswer(Answer):
    """A submission; `rank` is its place on the board that counts now.

    `duties` are what it owes before it is paid, once it has earned something.
    `weights` says how far the comparison with known models is: `waiting`, `working`,
    `done`, `failed`, or `none`. `resemblances` are what it found; people judge.
    """

    id: UUID
    status: str
    competition: str
    model: str
    miner: str
    message: str
    created_at: Moment
    evaluations: list[EvaluationAnswer]
    rank: int | None
    duties: list[DutyAnswer]
    disqualified: StruckAnswer | None
    dues: DuesAnswer | None
    weights: str
    resemblances: list[ResemblanceAnswer]
