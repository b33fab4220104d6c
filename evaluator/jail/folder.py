"""The private folder of a run, and the removal of those whose owner was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "assay-jail-"


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only this user may enter, while the block runs.

    It is locked while it is in use: the kernel drops the lock of a killed process, so
    a folder that can be locked is nobody's. It may hold a copy of a whole model.
    """
    _sweep(Path(tempfile.gettempdir()))
    path = Path(tempfile.mkdtemp(prefix=_PREFIX))
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(opened)


def _sweep(parent: Path) -> None:
    for path in parent.glob(_PREFIX + "*"):
        with contextlib.suppress(OSError):
            _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        is_ours = os.fstat(opened).st_uid == os.geteuid()
        # one that is empty may be about to be locked
        if is_ours and any(path.iterdir()):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(opened)
