"""Models as the catalogue shows them."""

from dataclasses import dataclass
from datetime import datetime

from assay.client.records.files import RemoteFile


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model as lists show it."""

    reference: str
    owner: str
    name: str
    kind: str
    architecture: str
    is_base: bool
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contributor:
    """Integer parts by which a model's income is split."""

    handle: str
    parts: int


@dataclass(frozen=True, slots=True)
class Parent:
    """A model it was derived from, and the percent of income owed to it.

    ``digest`` is its manifest's, empty while it is not published.
    """

    reference: str
    percent: str
    digest: str


@dataclass(frozen=True, slots=True)
class Model(ModelSummary):
    """A model with its terms, lineage and files."""

    terms: dict[str, str]
    explained: tuple[str, ...]
    contributors: tuple[Contributor, ...]
    parents: tuple[Parent, ...]
    files: tuple[RemoteFile, ...]
    manifest_digest: str
    granted_at: datetime
    card: str
    competition: str | None
