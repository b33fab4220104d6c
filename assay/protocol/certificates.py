"""Certificates in forms that strangers' tools read: OpenSSH signatures and JWS.

One document, three signatures by the same Ed25519 key: our own over the canonical
bytes (``signatures``), an SSHSIG over the same bytes for ``ssh-keygen -Y verify``, and
a compact JWS (RFC 7515, ``Ed25519`` of RFC 9864) for every JOSE library. Source of the
SSHSIG format: OpenSSH, PROTOCOL.sshsig.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.protocol import signatures
from assay.protocol.canonical import Json, canonical_bytes
from assay.protocol.errors import Conflict, Invalid

SSH_NAMESPACE: Final = "licence@assay"
SSH_IDENTITY: Final = "issuer@assay"
LICENCE_FORMAT: Final = "assay-licence/1"
STATUS_FORMAT: Final = "assay-status/1"
_SSH_TYPE: Final = b"ssh-ed25519"


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key and the time in which it signed; times are None where open.

    Attributes:
        public: base64.
        is_revoked: nothing that it signed is trusted any more.
    """

    public: str
    since: datetime
    until: datetime | None = None
    is_revoked: bool = False

    @property
    def key_id(self) -> str:
        """Its name."""
        return signatures.key_id(self.public)

    def to_json(self) -> dict[str, Json]:
        """The key as it is published."""
        return {
            "public": self.public,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "revoked": self.is_revoked,
        }


def ssh_signature(seed: bytes, document: Json) -> str:
    """An armoured SSHSIG over the canonical bytes of ``document``."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    message = hashlib.sha512(canonical_bytes(document)).digest()
    fields = (SSH_NAMESPACE.encode(), b"", b"sha512", message)
    signed = key.sign(b"SSHSIG" + b"".join(map(_string, fields)))
    blob = (
        b"SSHSIG"
        + (1).to_bytes(4, "big")
        + _string(_ssh_public(key.public_key().public_bytes_raw()))
        + b"".join(map(_string, fields[:3]))
        + _string(_string(_SSH_TYPE) + _string(signed))
    )
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(
        ["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]
    )


def allowed_signers(keys: Iterable[IssuerKey]) -> str:
    """The file that ``ssh-keygen -Y verify -f`` takes, a line a trusted key.

    A key that was retired in good order has no ``valid-before``: ssh-keygen would
    hold it against today, and old certificates stay good.
    """
    lines = []
    for key in keys:
        if key.is_revoked:
            continue
        raw = base64.b64encode(_ssh_public(base64.b64decode(key.public))).decode()
        since = key.since.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
        options = f'namespaces="{SSH_NAMESPACE}",valid-after="{since}"'
        lines.append(f"{SSH_IDENTITY} {options} ssh-ed25519 {raw}\n")
    return "".join(lines)


def jws(seed: bytes, document: Json) -> str:
    """The document as a compact JWS; ``kid`` is the key's id."""
    name = signatures.key_id(signatures.public_key(seed))
    header = {"alg": "Ed25519", "kid": name, "typ": "assay-licence+jws"}
    parts = _url64(canonical_bytes(header)), _url64(canonical_bytes(document))
    signing = ".".join(parts).encode()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return f"{signing.decode()}.{_url64(key.sign(signing))}"


def jwk_set(keys: Iterable[IssuerKey]) -> dict[str, Json]:
    """The trusted keys as a JSON Web Key Set."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "Ed25519",
                "use": "sig",
                "kid": key.key_id,
                "x": _url64(base64.b64decode(key.public)),
            }
            for key in keys
            if not key.is_revoked
        ]
    }


def read_keys(document: Json) -> dict[str, IssuerKey]:
    """Published keys by id.

    Takes the form with periods and the plain one (base64 by id), whose keys count
    as good for all time.

    Raises:
        Invalid: ``keys_malformed``.
    """
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if isinstance(document, Mapping) and listed is None:
        listed = document
    if not isinstance(listed, Mapping):
        raise Invalid("keys_malformed", "This is no list of keys.")
    periods = document.get("periods") if isinstance(document, Mapping) else None
    known = periods if isinstance(periods, Mapping) else {}
    try:
        return {
            name: _key_of(public, known.get(name)) for name, public in listed.items()
        }
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("keys_malformed", f"A key cannot be read: {error!r}.") from error


def check_signed(certificate: Json, keys: Mapping[str, IssuerKey]) -> Json:
    """The document of a certificate or status list, its signature and key checked.

    Raises:
        Invalid: as ``signatures.check_certificate``; ``certificate_key_period`` when
            it says to be issued outside of its key's time.
    """
    trusted = {name: key.public for name, key in keys.items() if not key.is_revoked}
    document = signatures.check_certificate(certificate, trusted)
    assert isinstance(certificate, Mapping)
    key = keys[str(certificate["key_id"])]
    issued = document.get("issued_at") if isinstance(document, Mapping) else None
    at = _moment(issued) if isinstance(issued, str) else None
    outside = at is not None and (
        at < key.since or (key.until is not None and at >= key.until)
    )
    if outside:
        raise Invalid(
            "certificate_key_period",
            f"It says {issued}, and its key did not sign at that time.",
            where="issued_at",
        )
    return document


def is_licence(document: Json) -> bool:
    """Whether a signed document is a licence; the same keys sign other things too."""
    return isinstance(document, Mapping) and document.get("format") == LICENCE_FORMAT


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a genuine licence at a moment.

    Attributes:
        state: ``valid``, ``grace`` or ``expired``.
        until: when it runs out, None when never.
        checked_at: when the status list was made; None when there was none.
    """

    state: str
    until: datetime | None
    checked_at: datetime | None


def standing(document: Mapping[str, Any], status: Any, now: datetime) -> Standing:
    """Whether a genuine licence still stands, by itself and by a status list.

    Args:
        document: of the certificate, checked before.
        status: the document of a status list, checked before; None for none.

    Raises:
        Conflict: ``licence_revoked``.
        Invalid: ``status_malformed``.
    """
    until = _moment(str(document.get("valid_until") or "")) or None
    entry = _entry(document, status)
    if entry is not None and entry.get("state") == "revoked":
        raise Conflict(
            "licence_revoked",
            f"The licence was revoked at {entry.get('at')}: {entry.get('reason')}",
            fix="Ask the issuer; the certificate itself is genuine.",
            where="licence",
        )
    if entry is not None and until is not None:
        until = max(until, _moment(str(entry.get("valid_until") or "")) or until)
    days = document.get("grace_days")
    grace = days if isinstance(days, int) and 0 <= days <= 366 else 0
    checked = _moment(str(status.get("issued_at"))) if status else None
    if until is None or now < until:
        return Standing("valid", until, checked)
    in_grace = (now - until).total_seconds() < grace * 86_400
    return Standing("grace" if in_grace else "expired", until, checked)


def _entry(document: Mapping[str, Any], status: Any) -> Mapping[str, Any] | None:
    if status is None:
        return None
    if not isinstance(status, Mapping) or status.get("format") != STATUS_FORMAT:
        raise Invalid("status_malformed", "This is no list of licences' states.")
    if status.get("issuer") != document.get("issuer"):
        raise Invalid("status_malformed", "This status list is another issuer's.")
    entries = status.get("entries")
    if not isinstance(entries, Mapping):
        raise Invalid("status_malformed", "This status list has no entries.")
    found = entries.get(str(document.get("licence")))
    return found if isinstance(found, Mapping) else None


def _key_of(public: Any, period: Any) -> IssuerKey:
    since, until, revoked = datetime.min.replace(tzinfo=UTC), None, False
    if isinstance(period, Mapping):
        since = _moment(str(period["since"])) or since
        until = _moment(str(period.get("until") or ""))
        revoked = bool(period.get("revoked"))
    return IssuerKey(str(public), since, until, revoked)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            "certificate_time", f"{text[:40]!r} is no time.", where="issued_at"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ssh_public(raw: bytes) -> bytes:
    return _string(_SSH_TYPE) + _string(raw)


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
