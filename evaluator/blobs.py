"""Files that were fetched once, by their SHA-256; nothing enters unverified."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from assay.protocol.errors import Unavailable
from assay.protocol.manifest import ManifestFile
from evaluator.server import Server

_PIECE = 1 << 20
_DEAD_SECONDS = 24 * 3600


class BlobCache:
    """A folder of files named by their digest; several workers may share it.

    Args:
        folder: made when it is not there.
        most_bytes: ``trim`` cuts the cache back to this.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def fetch(
        self, file: ManifestFile, server: Server, on_piece: Callable[[], None]
    ) -> Path:
        """Where the file lies, downloaded if it is not there yet.

        Raises:
            Unavailable: ``blob_broken`` or the network's, after a few tries.
            NotFound: the platform has no such file.
            whatever ``on_piece`` raises, which is called after each piece.
        """
        path = self.folder / file.sha256
        if path.is_file() and path.stat().st_size == file.size:
            os.utime(path)  # trim drops what was used least lately
            return path
        part = self.folder / f"{file.sha256}.{os.getpid()}.part"
        try:
            server.again(lambda: _download(file, server, part, on_piece))
            part.chmod(0o444)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def trim(self) -> None:
        """Drop the files used least lately until the rest fits, and what was left
        behind by workers that were killed."""
        now = time.time()
        found = [(path, path.stat()) for path in self.folder.iterdir()]
        kept = 0
        for path, stat in sorted(found, key=lambda each: -each[1].st_mtime):
            if path.is_dir() or path.suffix == ".part":
                _drop_if_dead(path, now - stat.st_mtime)
                continue
            kept += stat.st_size
            if kept > self._most_bytes:
                path.unlink(missing_ok=True)
                kept -= stat.st_size


def _drop_if_dead(path: Path, age_seconds: float) -> None:
    """A job's folder or a half download that nobody has touched for a day."""
    if age_seconds < _DEAD_SECONDS:
        return
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _download(
    file: ManifestFile, server: Server, part: Path, on_piece: Callable[[], None]
) -> None:
    """Append what is still missing, then check the whole."""
    start = part.stat().st_size if part.exists() else 0
    with server.blob(file.sha256, start) as pieces, part.open("ab") as out:
        for piece in pieces:
            start += len(piece)
            if start > file.size:
                break
            out.write(piece)
            on_piece()
    if start != file.size or _sha256(part) != file.sha256:
        part.unlink()
        raise Unavailable(
            "blob_broken",
            f"The file {file.path} did not arrive as its digest says.",
            where=file.path,
        )


def _sha256(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as content:
        while piece := content.read(_PIECE):
            total.update(piece)
    return total.hexdigest()
