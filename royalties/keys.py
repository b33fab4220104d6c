"""The platform's signing key, made once and kept where only the server reads."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from assay.protocol import signatures


def seed() -> bytes:
    """The private seed, 32 bytes; made on first use."""
    path = Path(settings.KEYS_PATH) / "signing.seed"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path, signatures.generate_key())
    return bytes.fromhex(path.read_text(encoding="ascii"))


def _create(path: Path, content: bytes) -> None:
    """Write once; whoever comes second reads what the first has written."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # its owner's alone
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content.hex())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def public_keys() -> dict[str, str]:
    """Public keys that certificates may name, base64 by key id."""
    public = signatures.public_key(seed())
    return {signatures.key_id(public): public}
