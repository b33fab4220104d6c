"""What a Hub repository is here: a repository's commit, a model, competition data."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from assay.documents.cards import MAX_CARD, check_card, write_card
from assay.documents.data_cards import write_data_card
from assay.protocol.errors import Invalid, NotFound
from catalogue import selectors as catalogue
from catalogue.models import Commit, Model
from catalogue.selectors.repositories import MAIN
from common.clock import now
from competitions.data import data_record, require_data
from competitions.models import Competition
from competitions.permissions import can_fetch_data
from competitions.selectors import competition_by_slug
from royalties.selectors import may_download, model_file
from storage.blobs import open_blob
from storage.models import Blob

CARD, COMPETITIONS = "README.md", "competitions"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


@dataclass(frozen=True)
class HubFile:
    """A file of a snapshot: stored as a blob, or made for it (``content``)."""

    path: str
    sha256: str
    size: int
    blob: Blob | None = None
    content: bytes | None = None
    git_oid: str = ""

    @property
    def pointer(self) -> bytes:
        """What git would keep in its place, had it been sent as a large file."""
        return POINTER.format(self.sha256, self.size).encode()

    @property
    def oid(self) -> str:
        """What git names it."""
        return self.git_oid or git_oid(self.pointer)


@dataclass(frozen=True)
class Snapshot:
    """A Hub repository at one revision, as its viewer may see it.

    ``model`` is set when its terms decide who may fetch its files, ``competition`` when
    its rules do.
    """

    reference: str
    revision: str
    title: str
    files: Mapping[str, HubFile]
    created_at: datetime
    changed_at: datetime
    is_private: bool = False
    is_gated: bool = False
    card: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    model: Model | None = None
    competition: Competition | None = None

    @property
    def author(self) -> str:
        """Before the slash."""
        return self.reference.partition("/")[0]

    def file(self, path: str, viewer: User | None) -> HubFile:
        """A file that the viewer may fetch.

        Raises:
            NotFound: there is none.
            Forbidden: its terms ask for a licence that the viewer does not hold.
            Conflict: the viewer has not accepted the competition's rules.
        """
        found = self.files.get(path)
        if found is None:
            raise NotFound(
                "file_not_found", f"{self.reference} has no file {path}.", where=path
            )
        if found.blob is None:
            return found
        if self.model is not None:
            model_file(model=self.model, path=path, viewer=viewer, now=now())
        if self.competition is not None:
            require_data(self.competition, viewer)
        return found


def git_oid(content: bytes) -> str:
    """The SHA-1 by which git names these bytes."""
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def made_file(path: str, content: bytes) -> HubFile:
    """A file that is written for its readers and stored nowhere."""
    return HubFile(
        path,
        hashlib.sha256(content).hexdigest(),
        len(content),
        content=content,
        git_oid=git_oid(content),
    )


def find(reference: str, revision: str, viewer: User | None) -> Snapshot:
    """What ``owner/name`` is at a revision: the viewer's repository, else a model.

    Raises:
        NotFound: there is none that the viewer may see, or no such revision.
    """
    try:
        repository = catalogue.repository_by_reference(
            reference=reference, viewer=viewer
        )
    except NotFound:
        return of_model(_model(reference, viewer), revision)
    try:
        return of_commit(catalogue.commit_by_revision(repository, revision))
    except NotFound:
        try:  # a model of the same name, which may have come out of the repository
            return of_model(_model(reference, viewer), revision)
        except NotFound:
            pass
        raise


def _model(reference: str, viewer: User | None) -> Model:
    return catalogue.model_by_reference(reference=reference, viewer=viewer)


def of_commit(commit: Commit) -> Snapshot:
    """A repository's commit."""
    files = {
        file.path: HubFile(
            file.path, file.blob_id, file.blob.size, file.blob, git_oid=file.git_oid
        )
        for file in commit.files.select_related("blob")
    }
    return Snapshot(
        reference=commit.repository.reference,
        revision=commit.digest,
        title=commit.title,
        files=files,
        created_at=commit.repository.created_at,
        changed_at=commit.created_at,
        is_private=True,
        card=_card_of(files.get(CARD)),
    )


def of_model(model: Model, revision: str) -> Snapshot:
    """A model of the catalogue, with its card written out.

    Raises:
        NotFound: it has another revision; a model has one.
    """
    files = {
        file.path: HubFile(file.path, file.blob_id, file.blob.size, file.blob)
        for file in model.files.select_related("blob")
    }
    content = write_card(catalogue.model_record(model))
    files[CARD] = made_file(CARD, content.encode())
    named = f"{model.manifest_digest}{files[CARD].sha256}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:40]
    if revision not in {MAIN, digest}:
        raise NotFound(
            "revision_not_found",
            f"{model.reference} has no revision {revision}.",
            fix=f"A model never changes: its one revision is main, or {digest}.",
            where="revision",
        )
    return Snapshot(
        reference=model.reference,
        revision=digest,
        title="Freeze the model",
        files=files,
        created_at=model.created_at,
        changed_at=model.created_at,
        is_private=model.published_at is None,
        is_gated=not may_download(model, None, now()),
        card=check_card(content),
        tags=("udl", *(() if not model.is_base else ("base-model",))),
        model=model,
    )


def find_data(reference: str, revision: str, viewer: User | None) -> Snapshot:
    """A competition's public data, as ``competitions/slug``, with its card.

    Raises:
        NotFound: there is none that the viewer may see, or no such revision.
    """
    owner, _, slug = reference.partition("/")
    if owner != COMPETITIONS:
        raise NotFound(
            "competition_not_found",
            f"There is no data {reference}.",
            fix=f"A competition's data is {COMPETITIONS}/SLUG.",
        )
    competition = competition_by_slug(slug=slug, viewer=viewer)
    return of_data(competition, revision)


def of_data(competition: Competition, revision: str) -> Snapshot:
    """The public data of a competition that the viewer sees.

    Raises:
        NotFound: it has another revision.
    """
    record = data_record(competition)
    content = write_data_card(record)
    files = {
        file.path: HubFile(file.path, file.blob_id, file.blob.size, file.blob)
        for file in competition.attachments.select_related("blob")
    }
    files[CARD] = made_file(CARD, content.encode())
    parts = "".join(f"{path}{files[path].sha256}" for path in sorted(files))
    digest = hashlib.sha256(parts.encode()).hexdigest()[:40]
    if revision not in {MAIN, digest}:
        raise NotFound(
            "revision_not_found",
            f"{competition.slug} has no data of the revision {revision}.",
            fix=f"Its one revision is main, or {digest}.",
            where="revision",
        )
    return Snapshot(
        reference=f"{COMPETITIONS}/{competition.slug}",
        revision=digest,
        title="Publish the data",
        files=files,
        created_at=competition.created_at,
        changed_at=competition.opened_at or competition.created_at,
        is_private=not competition.is_public,
        is_gated=not can_fetch_data(None, competition),
        card=check_card(content),
        tags=(record.task_type,),
        competition=competition,
    )


def _card_of(file: HubFile | None) -> Mapping[str, Any]:
    """The block of a repository's card; nothing when it cannot be read."""
    if file is None or file.size > MAX_CARD:
        return {}
    with open_blob(file.sha256) as content:
        try:
            return check_card(content.read().decode("utf-8", errors="replace"))
        except Invalid:
            return {}
