"""A folder as store.

    blobs/ab/ab…           a blob, moved here by rename when it is whole
    incoming/…             drafts
    uploads/ID/content     the parts of an upload, each at its place
    uploads/ID/parts/7     part 7 lies in there; the file holds its digest
    uploads/ID/torn/7      the beginning of part 7
    uploads/ID/lock        held by whoever changes content

A part is received before the lock is taken, so that a slow sender holds up nobody,
and content is written under the lock only while the upload's folder stands: what was
moved under its digest cannot be changed by a part that comes late.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from assay.protocol.errors import NotFound, Unavailable
from storage.stores.refusals import blob_missing, store_full, upload_gone
from storage.stores.store import Draft, PartTarget, Staging, Stored

# The group reads too: nginx sends files from here.
READABLE = 0o640
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Disk:
    """The folder ``root``, on one disk, shared by all processes of the server.

    Hosts may share it over a network if its locks work there, as NFS 4's do.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, sha256: str) -> Path:
        """Where a blob lies, whether or not it exists."""
        return self._root / "blobs" / sha256[:2] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """As ``Store.open``."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise blob_missing() from error

    def write(self, pieces: Iterable[bytes]) -> Draft:
        """As ``Store.write``."""
        folder = self._root / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        hasher, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            try:
                for piece in pieces:
                    hasher.update(piece)
                    size += len(piece)
                    with _room():
                        file.write(piece)
                with _room():
                    os.fchmod(file.fileno(), READABLE)
                    file.flush()
                    os.fsync(file.fileno())
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        return Draft(hasher.hexdigest(), size, file.name)

    def publish(self, draft: Draft) -> None:
        """As ``Store.publish``."""
        target = self.path(draft.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Its age counts from now on: what is old and in no row is garbage.
        os.utime(draft.place)
        Path(draft.place).replace(target)

    def discard(self, draft: Draft) -> None:
        """As ``Store.discard``."""
        Path(draft.place).unlink(missing_ok=True)

    def delete(self, sha256: str) -> None:
        """As ``Store.delete``."""
        self.path(sha256).unlink(missing_ok=True)

    def download_url(self, sha256: str, *, name: str, seconds: int) -> str | None:
        """None: files on a disk are sent by the web server, or the proxy before it."""
        return None

    def begin(self, staging: Staging) -> str:
        """As ``Store.begin``; a disk needs no session."""
        folder = self._upload(staging.upload)
        with _room():
            if not (folder / "content").exists():
                # A server that died between two steps took it away with the parts.
                shutil.rmtree(folder / "parts", ignore_errors=True)
            for part in ("parts", "torn"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            for file in ("content", "lock"):
                (folder / file).touch(READABLE)
        return ""

    def target(
        self, staging: Staging, number: int, sha256: str, size: int, seconds: int
    ) -> PartTarget | None:
        """None: parts come through the web server."""
        return None

    def put_part(
        self, staging: Staging, number: int, content: memoryview, sha256: str
    ) -> None:
        """As ``Store.put_part``."""
        folder = self._upload(staging.upload)
        mark = folder / "parts" / str(number)
        with self._locked(staging.upload), _room():
            if _text(mark) == sha256:
                return
            mark.unlink(missing_ok=True)
            with (folder / "content").open("r+b", buffering=0) as file:
                file.seek((number - 1) * staging.part_size)
                _write_all(file.fileno(), content)
            mark.write_text(sha256, encoding="ascii")
            (folder / "torn" / str(number)).unlink(missing_ok=True)

    def parts(self, staging: Staging) -> dict[int, str]:
        """As ``Store.parts``."""
        return {
            int(path.name): found
            for path in _files(self._upload(staging.upload) / "parts")
            if len(found := _text(path)) == 64
        }

    def save_torn(self, staging: Staging, number: int, content: memoryview) -> None:
        """As ``Store.save_torn``; a full disk keeps nothing."""
        folder = self._upload(staging.upload)
        if (folder / "parts" / str(number)).exists():
            return  # an earlier try was whole
        target = folder / "torn" / str(number)
        if not content:
            target.unlink(missing_ok=True)
            return
        draft = target.with_name(f"{number}.{os.getpid()}.{id(content)}")
        try:
            draft.write_bytes(content)
            draft.replace(target)
        except OSError:
            draft.unlink(missing_ok=True)

    def torn(self, staging: Staging) -> dict[int, int]:
        """As ``Store.torn``."""
        folder = self._upload(staging.upload) / "torn"
        return {
            int(path.name): path.stat().st_size
            for path in _files(folder)
            if path.name.isdecimal()
        }

    def read_torn(self, staging: Staging, number: int) -> bytes:
        """As ``Store.read_torn``."""
        try:
            path = self._upload(staging.upload) / "torn" / str(number)
            return path.read_bytes()
        except FileNotFoundError:
            return b""

    @contextmanager
    def joined(self, staging: Staging) -> Iterator[Draft]:
        """As ``Store.joined``; the lock is held until the context ends."""
        content = self._upload(staging.upload) / "content"
        with self._locked(staging.upload):
            with content.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                with _room():
                    os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
            yield Draft(digest, size, str(content))

    def reread(self, draft: Draft) -> BinaryIO:
        """As ``Store.reread``."""
        return Path(draft.place).open("rb")

    def drop(self, staging: Staging) -> None:
        """As ``Store.drop``."""
        self._drop(staging.upload)

    def blobs(self) -> Iterator[Stored]:
        """As ``Store.blobs``."""
        for folder in _files(self._root / "blobs"):
            yield from _stored(folder)

    def stagings(self) -> Iterator[Stored]:
        """As ``Store.stagings``."""
        return _stored(self._root / "uploads")

    def sweep(self, before: datetime) -> int:
        """As ``Store.sweep``."""
        old = [d for d in _stored(self._root / "incoming") if d.changed_at < before]
        for draft in old:
            (self._root / "incoming" / draft.name).unlink(missing_ok=True)
        return len(old)

    def check(self) -> None:
        """As ``Store.check``."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root) as probe:
                probe.write(b"ready")
        except OSError as error:
            raise Unavailable(
                "storage_unavailable", f"The storage takes no file: {error.strerror}."
            ) from error

    def _upload(self, upload: str) -> Path:
        return self._root / "uploads" / upload

    def _drop(self, upload: str) -> None:
        # By another name first: half a folder must not look like an upload.
        folder = self._upload(upload)
        gone = folder.with_name(f"{upload}.dropped")
        try:
            with self._locked(upload):
                folder.replace(gone)
        except (NotFound, FileNotFoundError):
            if not (folder / "lock").exists():
                shutil.rmtree(folder, ignore_errors=True)  # what was left of one
        shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def _locked(self, upload: str) -> Iterator[None]:
        path = self._upload(upload) / "lock"
        try:
            with path.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # Whoever held it may have finished the upload.
                if not os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                    raise upload_gone()
                yield
        except FileNotFoundError as error:
            raise upload_gone() from error


@contextmanager
def _room() -> Iterator[None]:
    """Turn a full disk into a refusal that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise store_full() from error
        raise


def _write_all(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _stored(folder: Path) -> Iterator[Stored]:
    for path in _files(folder):
        try:
            changed = path.stat().st_mtime
        except FileNotFoundError:  # gone since it was listed
            continue
        yield Stored(path.name, datetime.fromtimestamp(changed, tz=UTC))
