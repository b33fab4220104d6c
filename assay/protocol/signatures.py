"""Ed25519 signatures (RFC 8032) over canonical JSON, and certificates made of them.

What is signed is exactly ``canonical_bytes(document)``, with no prefix, so that
any Ed25519 tool can check it. Public keys and signatures are standard base64 with
padding; only the one canonical spelling of each is taken.
"""

import base64
import hashlib
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from assay.protocol.canonical import Json, canonical_bytes
from assay.protocol.errors import Invalid

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def generate_key() -> bytes:
    """Draw a fresh private seed of 32 bytes from the system's random source."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(seed: bytes) -> str:
    """Return the public key of ``seed``: 32 bytes in base64.

    Raises:
        Invalid: ``signing_key_malformed`` when the seed is not 32 bytes.
    """
    return base64.b64encode(_private(seed).public_key().public_bytes_raw()).decode()


def key_id(public: str) -> str:
    """Return the name of a public key: 32 hex digits of the SHA-256 of its bytes.

    Raises:
        Invalid: ``public_key_malformed``.
    """
    raw = _decoded(public, 32)
    if raw is None:
        raise Invalid("public_key_malformed", "The public key is not 32 bytes, base64.")
    return hashlib.sha256(raw).hexdigest()[:32]


def sign(seed: bytes, document: Json) -> str:
    """Sign a document; the same seed and document give the same 64 bytes, base64.

    Raises:
        Invalid: what ``canonical_bytes`` refuses, or ``signing_key_malformed``.
    """
    return base64.b64encode(_private(seed).sign(canonical_bytes(document))).decode()


def verify(public: str, document: Json, signature: str) -> bool:
    """Tell whether ``signature`` is by ``public`` over ``document``; never raises.

    A malformed key or signature, or a document without canonical form, is a no.
    """
    raw_key, raw_signature = _decoded(public, 32), _decoded(signature, 64)
    if raw_key is None or raw_signature is None:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(raw_key)
        key.verify(raw_signature, canonical_bytes(document))
    except (InvalidSignature, Invalid, ValueError):
        return False
    return True


def issue_certificate(seed: bytes, document: Json) -> dict[str, Json]:
    """Return ``{"document", "key_id", "signature"}``, checkable without a network."""
    return {
        "document": document,
        "key_id": key_id(public_key(seed)),
        "signature": sign(seed, document),
    }


def check_certificate(certificate: Json, keys: Mapping[str, str]) -> Json:
    """Return the document of a certificate after checking who signed it.

    Args:
        certificate: what ``issue_certificate`` made, as read from JSON.
        keys: the public keys that are trusted, by their ``key_id``.

    Raises:
        Invalid: ``certificate_malformed``, ``certificate_key_unknown`` or
            ``certificate_signature``.
    """
    document, name, signature = _fields(certificate)
    public = keys.get(name)
    if public is None or key_id(public) != name:
        raise Invalid(
            "certificate_key_unknown",
            f"The certificate is signed by a key that is not trusted here: {name}.",
            fix="Fetch the issuer's current public keys and check again.",
            where="key_id",
        )
    if not verify(public, document, signature):
        raise Invalid(
            "certificate_signature",
            "The certificate was changed after it was signed, or never signed.",
            where="signature",
        )
    return document


def _fields(certificate: Json) -> tuple[Json, str, str]:
    if isinstance(certificate, Mapping) and set(certificate) == {
        "document",
        "key_id",
        "signature",
    }:
        name, signature = certificate["key_id"], certificate["signature"]
        if isinstance(name, str) and isinstance(signature, str):
            return certificate["document"], name, signature
    raise Invalid(
        "certificate_malformed",
        "A certificate has exactly a document, a key_id and a signature.",
    )


def _private(seed: bytes) -> Ed25519PrivateKey:
    if len(seed) != 32:
        raise Invalid(
            "signing_key_malformed", f"A signing key is 32 bytes, not {len(seed)}."
        )
    return Ed25519PrivateKey.from_private_bytes(seed)


def _decoded(text: str, size: int) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    # the spare bits of the last letter could otherwise be changed unnoticed
    if len(raw) != size or base64.b64encode(raw).decode() != text:
        return None
    return raw
