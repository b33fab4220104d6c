"""What somebody submits as one file: a zip of a model's folder, or a commit's name."""

import re
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.manifest import MAX_FILES, check_path

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
MAX_NAME_BYTES = 1024
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
NAMED = re.compile(r"(?:[a-z0-9-]{1,39}/)?[a-z0-9._-]{1,96}@(?:main|[0-9a-f]{40})")
HOW = (
    "Send a zip of the folder with weights, config and terms.toml, or a text file "
    "with one line: name@commit of a model repository of yours."
)


def named_commit(file: BinaryIO, size: int) -> str:
    """The commit that a small text names; empty when it is no such text."""
    if size > MAX_NAME_BYTES:
        return ""
    file.seek(0)
    text = file.read(MAX_NAME_BYTES).decode("utf-8", errors="replace").strip()
    return text if NAMED.fullmatch(text) else ""


def unpack(
    file: BinaryIO, *, limit: int, keep: Callable[[BinaryIO], str]
) -> dict[str, str]:
    """What ``keep`` makes of the visible files of a zip, by path.

    A folder around all of them is left out. No more is ever read than the archive
    announces, and that is checked beforehand.

    Args:
        limit: bytes of all files together.

    Raises:
        Invalid: it is no zip that can be read, or a path is not allowed.
        TooLarge: it would unpack to more than the limits.
    """
    kept: dict[str, str] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            found = _members(archive, limit)
            top = _folder_around([member.filename for member in found])
            for member in found:
                path = member.filename[len(top) :]
                check_path(path)
                with archive.open(member) as content:
                    kept[path] = keep(cast("BinaryIO", content))
    except BROKEN as error:
        raise Invalid(
            "archive_unreadable", f"The file cannot be read: {error}.", fix=HOW
        ) from error
    return kept


def _members(archive: zipfile.ZipFile, limit: int) -> list[zipfile.ZipInfo]:
    found = [m for m in archive.infolist() if not m.is_dir() and _is_seen(m.filename)]
    if not found:
        raise Invalid("archive_empty", "The archive holds no files.", fix=HOW)
    if any(m.flag_bits & 1 or m.compress_type not in METHODS for m in found):
        raise Invalid(
            "archive_unreadable",
            "The archive is encrypted, or compressed in a way that is not read.",
            fix="Make a plain zip.",
        )
    total = sum(member.file_size for member in found)
    if len(found) > MAX_FILES or total > limit:
        raise TooLarge(
            "archive_too_large",
            f"The archive holds {len(found)} files of {total} bytes; {MAX_FILES} and "
            f"{limit} are the most.",
            fix="Leave out what the model does not need.",
        )
    return found


def _is_seen(path: str) -> bool:
    parts = path.split("/")
    return parts[0] != "__MACOSX" and not any(part.startswith(".") for part in parts)


def _folder_around(paths: list[str]) -> str:
    first = paths[0].partition("/")[0] + "/"
    return first if all(path.startswith(first) for path in paths) else ""
