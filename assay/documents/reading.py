"""Any file that may carry terms: which kind it is, and what it says."""

import re
from pathlib import Path
from typing import Final

from assay.documents.boms import read_bom
from assay.documents.cards import read_card
from assay.documents.carried import Carried
from assay.documents.weights import read_weights
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.terms import parse_tags

MAX_TEXT_FILE: Final = 8 * 2**20
_BOM = re.compile(r'"bomFormat"\s*:')


def read_document(path: Path) -> Carried:
    """What a file says of terms and origin: weights, a card, a BOM, or tags.

    Raises:
        Invalid: it is none of these, or is broken; the code says which.
        Unavailable: ``documents_missing`` for a card or BOM without the extra.
    """
    if path.suffix == ".safetensors":
        return read_weights(path)
    text = _text(path)
    if path.suffix == ".md" or text.lstrip("\ufeff\r\n\t ").startswith("---"):
        return read_card(text)
    if text.lstrip().startswith("{") and _BOM.search(text):
        return read_bom(text)
    return Carried(document="terms", tags=parse_tags(text, source=str(path)))


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_TEXT_FILE:
        raise TooLarge(
            "document_large",
            f"{path} is larger than {MAX_TEXT_FILE} bytes and no .safetensors.",
            where=str(path),
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            "document_unreadable",
            f"{path} is neither text nor named .safetensors.",
            fix="Give weights, a model card, a bill of materials or a file of tags.",
            where=str(path),
        ) from error
