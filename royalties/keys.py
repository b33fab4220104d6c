"""The platform's signing key, made once and kept where only the server reads."""

import os
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
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content.hex())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def public_keys() -> dict[str, str]:
    """Public keys that certificates may name, base64 by key id."""
    public = signatures.public_key(seed())
    return {signatures.key_id(public): public}
