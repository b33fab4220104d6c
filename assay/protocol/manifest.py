"""What a submission is: its files, terms, contributor shares and parents.

A manifest that exists is a valid one; its digest names the submission.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assay.protocol.canonical import Json, digest
from assay.protocol.errors import Invalid

MAX_PATH = 200
MAX_FILES = 1000
MAX_SIZE = 2**63 - 1
MAX_SHARES = 1000
MAX_PARTS = 10**9
MAX_PARENTS = 100
MAX_NAME = 200
# Arweave's limits on tags (ANS-104), where terms may be published
MAX_TAGS = 128
MAX_TAG_NAME = 1024
MAX_TAG_VALUE = 3072

_SEGMENT = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file: where it lies, its size in bytes, its SHA-256 in lower-case hex."""

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        check_path(self.path)
        if not 0 <= self.size <= MAX_SIZE:
            raise Invalid(
                "manifest_size",
                f"A file's size cannot be {self.size} bytes.",
                where=self.path,
            )
        if not _SHA256.fullmatch(self.sha256):
            raise Invalid(
                "manifest_sha256",
                "A file's SHA-256 is 64 lower-case hex digits.",
                where=self.path,
            )


@dataclass(frozen=True, slots=True)
class Share:
    """A contributor's integer parts of all that the model earns."""

    contributor: str
    parts: int

    def __post_init__(self) -> None:
        _check_name("manifest_contributor", "contributor", self.contributor)
        if not 1 <= self.parts <= MAX_PARTS:
            raise Invalid(
                "manifest_parts",
                f"A contributor has 1 to {MAX_PARTS} parts, not {self.parts}.",
                fix="Give whole parts, such as 3 and 1 for three quarters and one.",
                where=self.contributor,
            )


@dataclass(frozen=True, slots=True)
class Manifest:
    """A frozen, content-addressed submission.

    The order of files means nothing. The order of shares does: units that cannot
    be split go to the earliest. Parents are model ids.

    Raises:
        Invalid: with a code ``manifest_…`` and ``where`` naming the wrong part.
    """

    files: tuple[ManifestFile, ...]
    terms: Mapping[str, str]
    shares: tuple[Share, ...]
    parents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_count("files", len(self.files), 1, MAX_FILES)
        _check_count("shares", len(self.shares), 1, MAX_SHARES)
        _check_count("parents", len(self.parents), 0, MAX_PARENTS)
        _check_count("terms", len(self.terms), 0, MAX_TAGS)
        _check_tree([file.path for file in self.files])
        _refuse_twice("contributor", (share.contributor for share in self.shares))
        _refuse_twice("parent", self.parents)
        for parent in self.parents:
            _check_name("manifest_parent", "parent", parent)
        for tag, value in self.terms.items():
            _check_tag(tag, value)

    def document(self) -> Json:
        """Return the JSON that the digest is taken of, files sorted by path."""
        files = sorted(self.files, key=lambda file: file.path)
        return {
            "format": "assay-manifest-1",
            "files": [
                {"path": file.path, "size": file.size, "sha256": file.sha256}
                for file in files
            ],
            "terms": dict(self.terms),
            "shares": [
                {"contributor": share.contributor, "parts": share.parts}
                for share in self.shares
            ],
            "parents": list(self.parents),
        }

    def digest(self) -> str:
        """Return the SHA-256 of the canonical document, as 64 hex digits."""
        return digest(self.document())


def check_path(path: str) -> None:
    """Refuse a path that is not plain, relative and visible on every system.

    Raises:
        Invalid: ``manifest_path``.
    """
    plain = all(_SEGMENT.fullmatch(segment) for segment in path.split("/"))
    if plain and len(path) <= MAX_PATH:
        return
    raise Invalid(
        "manifest_path",
        f"{path[:MAX_PATH]!r} is not an allowed file path.",
        fix=f"Use a relative path of at most {MAX_PATH} letters, digits, '_', '-',"
        " '.' and '/', with no part that starts or ends with a dot.",
        where=path[:MAX_PATH],
    )


def _check_tree(paths: list[str]) -> None:
    """Refuse paths that could not all be written to one folder, on any system."""
    folded = [path.casefold() for path in paths]
    _refuse_twice("file path", folded)
    taken = set(folded)
    for path in folded:
        folders = path.split("/")[:-1]
        above = {"/".join(folders[: depth + 1]) for depth in range(len(folders))}
        if above & taken:
            raise Invalid(
                "manifest_path",
                f"{min(above & taken)!r} is both a file and a folder.",
                where=path,
            )


def _check_tag(tag: str, value: str) -> None:
    name_fits = 1 <= _bytes(tag) <= MAX_TAG_NAME
    if not name_fits or _bytes(value) > MAX_TAG_VALUE:
        raise Invalid(
            "manifest_terms",
            f"A tag's name has 1 to {MAX_TAG_NAME} bytes, its value at most"
            f" {MAX_TAG_VALUE}.",
            where=tag[:80],
        )


def _check_name(code: str, what: str, name: str) -> None:
    if not (1 <= len(name) <= MAX_NAME and name.isprintable() and name == name.strip()):
        raise Invalid(
            code,
            f"A {what} is named by 1 to {MAX_NAME} visible characters.",
            where=name[:80],
        )


def _check_count(what: str, count: int, least: int, most: int) -> None:
    if not least <= count <= most:
        raise Invalid(
            f"manifest_{what}",
            f"A submission has {least} to {most} {what}, not {count}.",
            where=what,
        )


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise Invalid(
            "manifest_twice",
            f"The {what} {twice[0][:80]!r} is given twice.",
            where=twice[0][:80],
        )


def _bytes(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise Invalid(
            "manifest_terms", "A tag is not Unicode: lone surrogate."
        ) from error
