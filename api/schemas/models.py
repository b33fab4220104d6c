"""Models as the catalogue shows them."""

from pydantic import Field

from api.schemas.common import Answer, Digest, FileAnswer, Moment, Number, RequestBody


class ModelSummary(Answer):
    """A model as lists show it."""

    reference: str
    owner: str
    name: str
    kind: str
    architecture: str
    is_base: bool
    published_at: Moment | None


class ContributorAnswer(Answer):
    """Integer parts by which the model's income is split."""

    handle: str
    parts: int


class ParentAnswer(Answer):
    """A model it was derived from, how, and the percent of its income owed to it.

    ``digest`` is that model's manifest's, empty while it is not published.
    """

    reference: str
    percent: str
    digest: str
    relation: str


class ExternalParentAnswer(Answer):
    """A model elsewhere it was derived from, as somebody stated; not verified."""

    reference: str
    relation: str
    source: str
    digest: str
    licence: str
    stated_by: str


class CarriedDutyAnswer(Answer):
    """What a user owes besides money, and to the makers of which model."""

    duty: str
    to: str


class TensorMatchAnswer(Answer):
    """A tensor of the model beside one of the other; `cosine` is 1 when exact."""

    name: str
    other: str
    cosine: Number
    exact: bool


class ResemblanceAnswer(Answer):
    """A model that this one looks derived from, and does not declare.

    `kind` is `exact`, `near`, `hidden` or `layout`; `similarity` and `share` are from
    0 to 1; `matches` are the tensors that say so, at most 20 of `count`.
    """

    known: str
    kind: str
    similarity: Number
    share: Number
    count: int
    matches: list[TensorMatchAnswer]
    at: Moment


class AncestorAnswer(Answer):
    """A visible model up the lineage, and how many steps."""

    reference: str
    depth: int
    relation: str
    percent: str


class ExternalModelBody(RequestBody):
    """A statement that a model exists elsewhere; it never changes."""

    name: str = Field(max_length=96, description="cited as ext:name")
    source: str = Field(max_length=500, description="an https address")
    digest: Digest
    licence: str = Field(max_length=64, examples=["Apache-2.0"])


class ExternalModelAnswer(Answer):
    """Such a statement, and who made it. Nobody verified it."""

    reference: str
    source: str
    digest: str
    licence: str
    stated_by: str
    created_at: Moment


class ModelAnswer(ModelSummary):
    """A model with its terms, in tags and in words, and where it comes from."""

    terms: dict[str, str]
    explained: list[str]
    contributors: list[ContributorAnswer]
    parents: list[ParentAnswer]
    external_parents: list[ExternalParentAnswer]
    lineage: list[AncestorAnswer]
    duties: list[CarriedDutyAnswer]
    files: list[FileAnswer]
    manifest_digest: str
    granted_at: Moment
    card: str
    competition: str | None
