"""What a file really is, whatever it is called."""

import re
from typing import Final

from assay.protocol.admission.findings import FaultError

LOOK_AT: Final = 512

_SAVE_AS_SAFETENSORS = (
    "Save the weights with save_pretrained(..., safe_serialization=True) or "
    "safetensors.torch.save_file."
)
# Protocols 2 to 5 begin with their number; older ones are text, and these are the
# modules that pickles of models and attacks begin with.
_PICKLE_START = re.compile(
    rb"\x80[\x02-\x05]"
    rb"|\(?c(os|posix|nt|sys|subprocess|builtins|__builtin__|collections"
    rb"|copy_reg|numpy[\w.]*|torch[\w.]*)\n"
)
# Each entry: how the file begins, what it is, whether loading it can run code.
_STARTS: Final[tuple[tuple[bytes, str, bool], ...]] = (
    (b"PK\x03\x04", "a zip archive, as torch.save writes around a pickle", True),
    (b"PK\x05\x06", "a zip archive", True),
    (b"GGUF", "a GGUF file", False),
    (b"\x89HDF\r\n", "an HDF5 file", False),
    (b"\x93NUMPY", "a NumPy file", True),
    (b"\x7fELF", "a program", True),
    (b"MZ", "a program", True),
    (b"#!", "a script", True),
    (b"\x1f\x8b", "a gzip archive", False),
    (b"BZh", "a bzip2 archive", False),
    (b"\xfd7zXZ", "an xz archive", False),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", False),
    (b"version https://git-lfs", "a Git LFS pointer and not the file itself", False),
    (b"<!DOCTYPE", "a web page", False),
    (b"<html", "a web page", False),
)


def foreign_format(start: bytes) -> tuple[str, bool] | None:
    """What ``start`` (the first bytes) is known to begin, and whether it can run code.

    None for what could be safetensors, JSON or plain text.
    """
    if looks_like_safetensors(start):
        return None
    if _PICKLE_START.match(start):
        return "a pickle", True
    for magic, name, runs_code in _STARTS:
        if start.startswith(magic):
            return name, runs_code
    if start[257:262] == b"ustar":
        return "a tar archive, as old versions of torch.save write it", True
    return None


def looks_like_safetensors(start: bytes) -> bool:
    """Eight bytes of length, then the JSON header's opening brace.

    The length's low bytes can spell anything, a pickle's first two bytes included,
    so the brace is looked at first; what follows is parsed as safetensors only.
    """
    return start[8:9] == b"{" and start[6:8] == b"\x00\x00"


def refuse_foreign(path: str, start: bytes, expected: str) -> None:
    """Raise a fault that names what ``path`` is, when it is recognised as foreign."""
    found = foreign_format(start)
    if found is None:
        return
    name, runs_code = found
    danger = "; loading it could run code" if runs_code else ""
    raise FaultError(
        "file_is_pickle"
        if name == "a pickle" or "pickle" in name
        else "file_is_foreign",
        f"{path} is {name}, not {expected}{danger}.",
        _SAVE_AS_SAFETENSORS if expected == "safetensors" else "Upload the real file.",
    )
