"""Strangers' tools accept our certificates, and refuse them when a byte is flipped."""

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import KeySet

from assay.protocol import certificates, signatures
from assay.protocol.canonical import canonical_bytes
from assay.protocol.certificates import IssuerKey, Standing
from assay.protocol.errors import Conflict, Invalid

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEED = bytes(range(32))
KEY = IssuerKey(signatures.public_key(SEED), NOON - timedelta(days=1))
DOCUMENT = {
    "format": "assay-licence/1",
    "issuer": "https://assay.example",
    "issued_at": NOON.isoformat(),
    "licence": "l-1",
    "licensee": "zoë",
    "valid_until": (NOON + timedelta(days=30)).isoformat(),
    "grace_days": 7,
}


def ssh_accepts(folder: Path, message: bytes, signature: str, signers: str) -> bool:
    (folder / "signers").write_text(signers)
    (folder / "sig").write_text(signature)
    options = ["-f", "signers", "-I", certificates.SSH_IDENTITY, "-s", "sig"]
    ran = subprocess.run(
        ["ssh-keygen", "-Y", "verify", *options, "-n", certificates.SSH_NAMESPACE],
        cwd=folder,
        input=message,
        capture_output=True,
        check=False,
    )
    return ran.returncode == 0


def test_ssh_keygen_accepts_the_certificate(tmp_path: Path):
    message, signature = (
        canonical_bytes(DOCUMENT),
        certificates.ssh_signature(SEED, DOCUMENT),
    )

    assert ssh_accepts(
        tmp_path, message, signature, certificates.allowed_signers([KEY])
    )


def test_ssh_keygen_refuses_a_flipped_byte_anywhere(tmp_path: Path):
    message = canonical_bytes(DOCUMENT)
    signature = certificates.ssh_signature(SEED, DOCUMENT)
    signers = certificates.allowed_signers([KEY])
    for place in (0, len(message) // 2, len(message) - 1):
        changed = bytearray(message)
        changed[place] ^= 1
        assert not ssh_accepts(tmp_path, bytes(changed), signature, signers)
    lines = signature.splitlines()
    raw = bytearray(base64.b64decode("".join(lines[1:-1])))
    raw[-1] ^= 1
    forged = "\n".join([lines[0], base64.b64encode(raw).decode(), lines[-1], ""])
    assert not ssh_accepts(tmp_path, message, forged, signers)


def test_ssh_keygen_refuses_foreign_and_revoked_keys(tmp_path: Path):
    message, signature = (
        canonical_bytes(DOCUMENT),
        certificates.ssh_signature(SEED, DOCUMENT),
    )
    other = IssuerKey(signatures.public_key(bytes(32)), NOON)
    revoked = IssuerKey(KEY.public, KEY.since, NOON, is_revoked=True)

    for keys in ([other], [revoked], [other, revoked]):
        signers = certificates.allowed_signers(keys)
        assert not ssh_accepts(tmp_path, message, signature, signers)


def test_a_retired_key_still_proves_old_certificates(tmp_path: Path):
    retired = IssuerKey(KEY.public, KEY.since, NOON + timedelta(days=1))
    fresh = IssuerKey(signatures.public_key(bytes(32)), NOON + timedelta(days=1))
    keys = [retired, fresh]
    certificate = signatures.issue_certificate(SEED, DOCUMENT)

    signers = certificates.allowed_signers(keys)
    signature = certificates.ssh_signature(SEED, DOCUMENT)
    by_id = {key.key_id: key for key in keys}

    assert ssh_accepts(tmp_path, canonical_bytes(DOCUMENT), signature, signers)
    assert certificates.check_signed(certificate, by_id) == DOCUMENT
    late = {**DOCUMENT, "issued_at": (NOON + timedelta(days=1)).isoformat()}
    early = {**DOCUMENT, "issued_at": (NOON - timedelta(days=2)).isoformat()}
    for document in (late, early):
        outside = signatures.issue_certificate(SEED, document)
        with pytest.raises(Invalid) as refusal:
            certificates.check_signed(outside, by_id)
        assert refusal.value.code == "certificate_key_period"


def test_what_a_revoked_key_signed_is_not_trusted():
    revoked = IssuerKey(KEY.public, KEY.since, None, is_revoked=True)

    with pytest.raises(Invalid) as refusal:
        certificates.check_signed(
            signatures.issue_certificate(SEED, DOCUMENT), {revoked.key_id: revoked}
        )

    assert refusal.value.code == "certificate_key_unknown"
    assert certificates.jwk_set([revoked]) == {"keys": []}


def jose(token: str) -> dict:
    keys = KeySet.import_key_set(certificates.jwk_set([KEY]))
    found = jws.deserialize_compact(token, keys, algorithms=["Ed25519"])
    return json.loads(found.payload)


def test_joserfc_accepts_the_jws_by_the_published_key_set():
    assert jose(certificates.jws(SEED, DOCUMENT)) == DOCUMENT


def test_joserfc_refuses_a_flipped_letter_in_every_part():
    token = certificates.jws(SEED, DOCUMENT)
    header, payload, signature = token.split(".")
    other = certificates.jws(SEED, {**DOCUMENT, "licensee": "mallory"}).split(".")
    flipped = ("A" if signature[5] != "A" else "B").join([signature[:5], signature[6:]])

    for forged in (f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{flipped}"):
        with pytest.raises(BadSignatureError):
            jose(forged)
    with pytest.raises((JoseError, ValueError)):
        jose(f"{header[:-2]}AA.{payload}.{signature}")
    foreign = certificates.jws(bytes(32), DOCUMENT)
    with pytest.raises((JoseError, ValueError)):
        jose(foreign)


def status(**entries) -> dict:
    return {
        "format": certificates.STATUS_FORMAT,
        "issuer": DOCUMENT["issuer"],
        "issued_at": NOON.isoformat(),
        "next_update": (NOON + timedelta(days=1)).isoformat(),
        "entries": {"l-1": entries} if entries else {},
    }


@pytest.mark.parametrize(
    ("days", "state"), [(0, "valid"), (29, "valid"), (30, "grace"), (37, "expired")]
)
def test_a_licence_stands_until_its_end_and_then_has_its_grace(days, state):
    end = NOON + timedelta(days=30)

    found = certificates.standing(DOCUMENT, None, NOON + timedelta(days=days))

    assert found == Standing(state, end, None)


def test_a_renewed_licence_stands_by_the_status_list():
    end = NOON + timedelta(days=60)
    renewed = status(state="valid", valid_until=end.isoformat())

    found = certificates.standing(DOCUMENT, renewed, NOON + timedelta(days=40))

    assert found == Standing("valid", end, NOON)


def test_a_revoked_licence_is_refused_with_the_reason():
    with pytest.raises(Conflict) as refusal:
        certificates.standing(
            DOCUMENT, status(state="revoked", at="x", reason="refunded"), NOON
        )

    assert refusal.value.code == "licence_revoked"
    assert "refunded" in refusal.value.sentence


@pytest.mark.parametrize(
    "change", [{"issuer": "https://other"}, {"format": "x"}, {"entries": []}]
)
def test_another_list_says_nothing_of_this_licence(change):
    with pytest.raises(Invalid) as refusal:
        certificates.standing(DOCUMENT, {**status(), **change}, NOON)

    assert refusal.value.code == "status_malformed"


def test_keys_are_read_with_and_without_their_periods():
    plain = {"keys": {KEY.key_id: KEY.public}}
    full = {**plain, "periods": {KEY.key_id: KEY.to_json()}}

    assert certificates.read_keys(full) == {KEY.key_id: KEY}
    for document in (plain, plain["keys"]):
        assert certificates.read_keys(document)[KEY.key_id].public == KEY.public
    for document in (
        None,
        [],
        {"keys": 1},
        {"keys": {}, "periods": {}} | {"keys": "x"},
    ):
        with pytest.raises(Invalid):
            certificates.read_keys(document)


@given(st.binary(max_size=60))
def test_signatures_over_any_text_are_accepted_by_the_key_alone(content):
    document = {"text": content.hex()}
    certificate = signatures.issue_certificate(SEED, document)

    assert certificates.check_signed(certificate, {KEY.key_id: KEY}) == document
