"""The one folder outside ``var`` that a server may use."""

import os
import tempfile
from pathlib import Path

from assay.protocol.errors import Unavailable


def private_temporary() -> Path:
    """A folder under the system's temporary one that only this user can enter.

    Raises:
        Unavailable: somebody else made a folder of that name.
    """
    folder = Path(tempfile.gettempdir(), f"assay-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder.lstat()
    if made.st_uid != os.getuid() or made.st_mode & 0o077 or folder.is_symlink():
        raise Unavailable(
            "temporary_not_private",
            f"{folder} is open to others than this user.",
            fix="Remove it, or set TMPDIR to a folder of your own.",
            where=str(folder),
        )
    return folder
