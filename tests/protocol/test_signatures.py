import base64
import copy

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.canonical import canonical_bytes, read_json
from assay.protocol.errors import Invalid
from assay.protocol.signatures import (
    check_certificate,
    generate_key,
    issue_certificate,
    key_id,
    public_key,
    sign,
    verify,
)

SEED = bytes(range(32))
PUBLIC = public_key(SEED)
KEYS = {key_id(PUBLIC): PUBLIC}
LICENCE = {"licensee": "Zoë", "model": "ann/router", "uses": ["commercial"], "fee": 12}
SIGNATURE = sign(SEED, LICENCE)


def test_the_first_test_vector_of_rfc_8032_has_its_public_key():
    seed = bytes.fromhex(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    )
    expected = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert base64.b64decode(public_key(seed)).hex() == expected


def test_any_ed25519_tool_can_check_the_canonical_bytes():
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC))
    key.verify(base64.b64decode(SIGNATURE), canonical_bytes(LICENCE))


def test_a_fresh_key_signs_what_only_it_verifies():
    seed = generate_key()
    signature = sign(seed, LICENCE)
    assert len(seed) == 32
    assert verify(public_key(seed), LICENCE, signature)
    assert not verify(PUBLIC, LICENCE, signature)


def test_the_order_of_keys_does_not_matter():
    assert verify(PUBLIC, dict(reversed(LICENCE.items())), SIGNATURE)


def flipped(text, position, bit):
    raw = bytearray(text.encode())
    raw[position % len(raw)] ^= 1 << bit
    return raw.decode("latin-1")


@given(st.integers(0), st.integers(0, 7))
def test_any_flipped_bit_of_the_signature_is_refused(position, bit):
    assert not verify(PUBLIC, LICENCE, flipped(SIGNATURE, position, bit))


@given(st.integers(0), st.integers(0, 7))
def test_any_flipped_bit_of_the_public_key_is_refused(position, bit):
    assert not verify(flipped(PUBLIC, position, bit), LICENCE, SIGNATURE)


def test_every_flipped_bit_of_the_document_is_refused():
    written = canonical_bytes(LICENCE)
    for position in range(len(written)):
        for bit in range(8):
            raw = bytearray(written)
            raw[position] ^= 1 << bit
            try:
                document = read_json(bytes(raw))
            except Invalid:
                continue
            assert not verify(PUBLIC, document, SIGNATURE)


def test_spare_bits_in_the_base64_are_not_a_second_spelling():
    assert SIGNATURE.endswith("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    neighbour = alphabet[alphabet.index(SIGNATURE[-3]) ^ 1]
    respelled = SIGNATURE[:-3] + neighbour + "=="
    assert base64.b64decode(respelled) == base64.b64decode(SIGNATURE)
    assert not verify(PUBLIC, LICENCE, respelled)


@pytest.mark.parametrize("text", ["", "=", "é", "AAAA", SIGNATURE + "\n", " " * 88])
def test_a_malformed_signature_or_key_is_a_no(text):
    assert not verify(PUBLIC, LICENCE, text)
    assert not verify(text, LICENCE, SIGNATURE)


def test_a_document_without_canonical_form_is_a_no_and_cannot_be_signed():
    assert not verify(PUBLIC, {"fee": 1.5}, SIGNATURE)
    with pytest.raises(Invalid):
        sign(SEED, {"fee": 1.5})


def test_a_certificate_gives_back_its_document():
    certificate = issue_certificate(SEED, LICENCE)
    assert set(certificate) == {"document", "key_id", "signature"}
    assert check_certificate(read_json(canonical_bytes(certificate)), KEYS) == LICENCE


def forge(change):
    certificate = copy.deepcopy(issue_certificate(SEED, LICENCE))
    change(certificate)
    return certificate


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c["document"].update(fee=0), "certificate_signature"),
        (
            lambda c: c.update(signature=sign(bytes(32), LICENCE)),
            "certificate_signature",
        ),
        (lambda c: c.update(signature=""), "certificate_signature"),
        (lambda c: c.update(key_id="0" * 32), "certificate_key_unknown"),
        (lambda c: c.update(key_id=1), "certificate_malformed"),
        (lambda c: c.pop("signature"), "certificate_malformed"),
        (lambda c: c.update(note="hi"), "certificate_malformed"),
    ],
)
def test_a_changed_certificate_is_refused_with_the_reason(change, code):
    with pytest.raises(Invalid) as refused:
        check_certificate(forge(change), KEYS)
    assert refused.value.code == code


def test_a_key_listed_under_another_name_is_not_trusted():
    stranger = public_key(bytes(32))
    with pytest.raises(Invalid) as refused:
        check_certificate(issue_certificate(SEED, LICENCE), {key_id(PUBLIC): stranger})
    assert refused.value.code == "certificate_key_unknown"


@pytest.mark.parametrize("certificate", [None, [], "x", {}])
def test_what_is_not_a_certificate_is_refused(certificate):
    with pytest.raises(Invalid) as refused:
        check_certificate(certificate, KEYS)
    assert refused.value.code == "certificate_malformed"


def test_keys_of_the_wrong_size_are_refused():
    with pytest.raises(Invalid):
        sign(b"short", LICENCE)
    with pytest.raises(Invalid):
        key_id("AAAA")
