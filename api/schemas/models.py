"""Models as the catalogue shows them."""

from api.schemas.common import Answer, FileAnswer, Moment


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
    """A model it was derived from, and the percent of its income owed to that one.

    ``digest`` is that model's manifest's, empty while it is not published.
    """

    reference: str
    percent: str
    digest: str


class ModelAnswer(ModelSummary):
    """A model with its terms, in tags and in words, and where it comes from."""

    terms: dict[str, str]
    explained: list[str]
    contributors: list[ContributorAnswer]
    parents: list[ParentAnswer]
    files: list[FileAnswer]
    manifest_digest: str
    granted_at: Moment
    card: str
    competition: str | None
