"""Entries whose files lie here already: as a commit of a repository, or as blobs.

What a file says of the entry is read from it: ``terms.toml`` holds its terms and is no
file of the model, and the card may carry them too.
"""

from collections.abc import Mapping
from dataclasses import replace

from accounts.models import User
from assay.documents.cards import read_card
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.terms import parse_tags
from catalogue import selectors
from catalogue.selectors.repositories import MAIN
from competitions.specification import EntrySpec
from storage.blobs import StoredFile
from storage.models import Blob
from storage.services import held_blob

TERMS, CARD, ADAPTER = "terms.toml", "README.md", "adapter_config.json"
MAX_TEXT = 2**20


def from_repository(*, miner: User, entry: EntrySpec) -> EntrySpec:
    """The same entry, with the files of the commit that ``entry.repository`` names.

    Raises:
        Invalid: it names files too, or says nothing of its terms.
        NotFound: the miner has no such repository or commit.
    """
    if entry.files:
        raise Invalid(
            "files_twice",
            "An entry has files of its own or those of a repository, not both.",
            fix="Leave one of the two out.",
            where="files",
        )
    reference, _, revision = entry.repository.partition("@")
    if "/" not in reference:
        reference = f"{miner.username}/{reference}"
    repository = selectors.repository_by_reference(reference=reference, viewer=miner)
    commit = selectors.commit_by_revision(repository, revision or MAIN)
    files = {file.path: file.blob_id for file in commit.files.all()}
    name = entry.name or f"{repository.name}-{commit.digest[:8]}"
    return from_files(miner=miner, entry=replace(entry, name=name, files=files))


def from_files(*, miner: User, entry: EntrySpec) -> EntrySpec:
    """The same entry, with what its files say of it where it does not.

    Raises:
        Invalid: it says nothing of its terms, or a file of it cannot be read.
    """
    files = dict(entry.files)
    tags = dict(entry.terms) or _tags(miner, files)
    files.pop(TERMS, None)
    kind = entry.kind or ("adapter" if ADAPTER in files else "full")
    card = entry.card or _text(miner, files, CARD)
    return replace(entry, files=files, terms=tags, kind=kind, card=card)


def _tags(miner: User, files: Mapping[str, str]) -> dict[str, str]:
    if TERMS in files:
        return parse_tags(_text(miner, files, TERMS), source=TERMS)
    carried = read_card(_text(miner, files, CARD)).tags if CARD in files else None
    if carried:
        return dict(carried)
    raise Invalid(
        "terms_missing",
        "An entry needs licence terms: what others may do with the model, and what "
        "they pay for it.",
        fix=f"Put a {TERMS} beside the weights (`assay terms init`), or name terms.",
        where="terms",
    )


def _text(miner: User, files: Mapping[str, str], path: str) -> str:
    if path not in files:
        return ""
    blob: Blob = held_blob(owner=miner, sha256=files[path], where=path)
    if blob.size > MAX_TEXT:
        raise TooLarge(
            "file_too_large", f"{path} may have {MAX_TEXT} bytes.", where=path
        )
    content = StoredFile(blob.sha256, blob.size).read(0, blob.size)
    return content.decode("utf-8", errors="replace")
