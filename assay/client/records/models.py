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
    """A model it was derived from, the percent of income owed to it, and how.

    ``digest`` is its manifest's, empty while it is not published.
    """

    reference: str
    percent: str
    digest: str
    relation: str = "fine_tune"


@dataclass(frozen=True, slots=True)
class ExternalParent:
    """A model elsewhere it was derived from; stated by somebody, not verified."""

    reference: str
    relation: str
    source: str
    digest: str
    licence: str
    stated_by: str


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A model up the lineage, ``depth`` steps away."""

    reference: str
    depth: int
    relation: str
    percent: str


@dataclass(frozen=True, slots=True)
class CarriedDuty:
    """What users owe besides money, and to the makers of which model."""

    duty: str
    to: str


@dataclass(frozen=True, slots=True)
class ExternalModel:
    """A statement that a model exists elsewhere; nobody verified it."""

    reference: str
    source: str
    digest: str
    licence: str
    stated_by: str
    created_at: datetime


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
    external_parents: tuple[ExternalParent, ...] = ()
    lineage: tuple[Ancestor, ...] = ()
    duties: tuple[CarriedDuty, ...] = ()
