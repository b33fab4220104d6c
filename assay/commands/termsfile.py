"""Licence terms from a file of UDL tags, a document that carries them, or a preset."""

from pathlib import Path

from assay.documents.reading import read_document
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.terms import PRESETS, parse_tags, write_tags

HELP = "A file of UDL tags (TOML or JSON), or a preset: " + ", ".join(PRESETS) + "."
DOCUMENTS = frozenset({".md", ".safetensors"})
LARGEST = 400_000  # bytes: what the longest readable text can take


def read_terms(given: str) -> dict[str, str]:
    """The tags that a file or a preset names.

    Raises:
        Invalid: it is neither, or holds no tags that can be read.
    """
    path = Path(given)
    if given in PRESETS and not path.exists():
        return write_tags(PRESETS[given].terms)
    if not path.is_file():
        raise Invalid(
            "terms_not_found",
            f"{path} is neither a file nor a preset.",
            fix=f"Presets are {', '.join(PRESETS)}.",
            where=str(path),
        )
    if path.suffix in DOCUMENTS:
        return _carried(path)
    return parse_tags(_text(path), source=str(path))


def _carried(path: Path) -> dict[str, str]:
    """The tags in weights or a card."""
    found = read_document(path)
    if found.tags is not None:
        return dict(found.tags)
    licence = found.licence or "no licence"
    raise Invalid(
        "terms_not_carried",
        f"{path} names {licence} and carries no tags.",
        fix="What tags can say of a licence: assay terms licence NAME --toml",
        where=str(path),
    )


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise TooLarge(
            "terms_too_large",
            f"{path} is larger than {LARGEST} bytes, which no set of tags needs.",
            where=str(path),
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            "terms_unreadable",
            f"{path} is no UTF-8 text.",
            fix="For weights, cards and bills of materials: assay inspect FILE.",
            where=str(path),
        ) from error
