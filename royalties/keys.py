"""The platform's signing keys: seeds in files that only the server reads, periods in
a table.

The first key is made on first use. ``rotate`` puts another in its place; certificates
of the old one stay good, unless it is said to be compromised.
"""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from assay.protocol import signatures
from assay.protocol.certificates import IssuerKey
from royalties.models import SigningKey

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when the first key counts: before every certificate."""


def seed() -> bytes:
    """The first key's private seed, 32 bytes; made on first use."""
    path = Path(settings.KEYS_PATH) / "signing.seed"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path, signatures.generate_key())
    return bytes.fromhex(path.read_text(encoding="ascii"))


def signing_seed() -> bytes:
    """The private seed of the key that is in use."""
    used = SigningKey.objects.filter(until=None).values_list("key_id", flat=True)
    name = used.first() or _register_first()
    return _seed_of(name)


def issuer_keys() -> dict[str, IssuerKey]:
    """Every key that ever signed, by id, with its period."""
    found = list(SigningKey.objects.all())
    if not found:
        _register_first()
        found = list(SigningKey.objects.all())
    return {key.key_id: key.as_issuer_key() for key in found}


def public_keys() -> dict[str, str]:
    """Public keys that certificates may name, base64 by key id."""
    return {
        name: key.public for name, key in issuer_keys().items() if not key.is_revoked
    }


@transaction.atomic
def rotate(*, now: datetime, compromised: bool = False) -> SigningKey:
    """Have a fresh key sign from now on.

    Args:
        compromised: whether what the old key signed is no longer trusted.
    """
    issuer_keys()
    old = SigningKey.objects.select_for_update().get(until=None)
    old.until, old.is_revoked = now, compromised
    old.save(update_fields=["until", "is_revoked"])
    fresh = signatures.generate_key()
    public = signatures.public_key(fresh)
    name = signatures.key_id(public)
    _create(_path_of(name), fresh)
    return SigningKey.objects.create(key_id=name, public=public, since=now)


def _register_first() -> str:
    """Enter the first key in the table; whoever comes second finds it there."""
    public = signatures.public_key(seed())
    name = signatures.key_id(public)
    SigningKey.objects.get_or_create(
        key_id=name, defaults={"public": public, "since": FIRST}
    )
    return name


def _path_of(name: str) -> Path:
    return Path(settings.KEYS_PATH) / f"signing-{name}.seed"


def _seed_of(name: str) -> bytes:
    path = _path_of(name)
    if path.exists():
        return bytes.fromhex(path.read_text(encoding="ascii"))
    return seed()


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
