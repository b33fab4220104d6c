"""The files of a licence: what is signed, its signatures, and the page for people."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from assay.protocol.canonical import canonical_bytes
from assay.protocol.errors import NotFound
from royalties.models import Licence
from royalties.printing import certificate_pdf


@dataclass(frozen=True)
class Paper:
    """One file: its name when saved, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def _certificate(licence: Licence) -> bytes:
    return json.dumps(licence.certificate, indent=2).encode() + b"\n"


def _document(licence: Licence) -> bytes:
    return canonical_bytes(licence.certificate["document"])


def _ssh(licence: Licence) -> bytes:
    return _signed(licence.ssh_signature)


def _jws(licence: Licence) -> bytes:
    return _signed(licence.jws)


def _signed(text: str) -> bytes:
    if not text:  # issued before there was this form
        raise NotFound("licence_file_not_found", "This certificate has no such form.")
    return text.encode()


FORMS: Final[Mapping[str, tuple[str, Callable[[Licence], bytes]]]] = {
    "certificate.json": ("application/json", _certificate),
    "licence.json": ("application/json", _document),
    "licence.json.sig": ("application/octet-stream", _ssh),
    "licence.jws": ("application/jose", _jws),
    "certificate.pdf": ("application/pdf", certificate_pdf),
}
"""Media type and maker by name."""


def paper_of(licence: Licence, form: str) -> Paper:
    """One file of a licence.

    Raises:
        NotFound: ``licence_file_not_found``.
    """
    if form not in FORMS:
        raise NotFound(
            "licence_file_not_found",
            f"A licence has no file {form}.",
            fix=f"Ask for one of: {', '.join(FORMS)}.",
        )
    media_type, make = FORMS[form]
    stem, _, ending = form.partition(".")
    return Paper(f"{stem}-{licence.id}.{ending}", media_type, make(licence))
