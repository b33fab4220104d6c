"""Model cards of the Hugging Face Hub: markdown under a block of YAML.

The Hub knows no UDL, so ``license`` is ``other`` with a name and a link, as its rules
ask; the tags themselves stand under ``udl``, where any program finds them. Written
and parsed by ``huggingface_hub``; its own check asks the Hub and is not used here.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from assay.documents.carried import (
    Carried,
    CarriedParent,
    check_sayable,
    day_of,
    licence_name,
    parents_of,
    tags_of,
)
from assay.documents.record import ModelRecord
from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.extras import load_extra
from assay.protocol.licences import HUB_IDS
from assay.protocol.terms import Terms, explain

MAX_CARD: Final = 2 * 2**20
MAX_FRONT: Final = 16 * 2**10
# Blank lines in a row: the Hub's pattern takes their square in steps.
MAX_BLANK: Final = 100
RELATIONS: Final = frozenset({"adapter", "finetune", "merge", "quantized"})
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,95}")
# What the makers' own block may add: lists and words, nothing that could contradict.
_KEPT: Final = ("language", "datasets", "metrics", "library_name", "pipeline_tag")


def write_card(record: ModelRecord) -> str:
    """The model's card, with its makers' text and its terms.

    Raises:
        Invalid: ``terms_…`` when its terms are in error.
        Unavailable: ``documents_missing``.
    """
    hub = load_extra("huggingface_hub")
    terms = check_sayable(record.terms)
    own, text = _own_block(record.card)
    data = hub.ModelCardData(
        **{
            **own,
            "license": "other",
            "license_name": licence_name(terms),
            "license_link": record.page,
            "base_model": [parent.reference for parent in record.parents] or None,
            "base_model_relation": _relation(record),
            "tags": ["udl"],
            "udl": dict(record.terms),
            "assay": _origin(record),
        }
    )
    content = f"---\n{data.to_yaml()}\n---\n{_text(record, terms, text)}"
    check_card(content)
    return content


def read_card(content: str) -> Carried:
    """What a card says of terms and origin.

    Raises:
        Invalid: ``card_…`` for a card that breaks the Hub's rules on licences.
        Unavailable: ``documents_missing``.
    """
    block = check_card(content)
    origin = block.get("assay")
    origin = origin if isinstance(origin, Mapping) else {}
    licence = str(block.get("license") or "")
    named = str(block.get("license_name") or "")
    return Carried(
        document="card",
        tags=tags_of(block.get("udl")),
        licence=named if licence == "other" and named else licence,
        model=str(origin.get("model", "")),
        digest=str(origin.get("digest", "")),
        page=str(origin.get("page") or block.get("license_link") or ""),
        granted=day_of(origin.get("granted")),
        parents=parents_of(origin.get("parents")) or _base_models(block),
    )


def check_card(content: str) -> dict[str, Any]:
    """The card's block, if it keeps the Hub's rules on licences and base models.

    Raises:
        TooLarge: ``card_large``.
        Invalid: ``card_block``, ``card_licence``, ``card_licence_name``,
            ``card_base_model`` or ``card_relation``.
    """
    block = _parsed(content)
    licence = block.get("license")
    if licence is not None and not (isinstance(licence, str) and licence in HUB_IDS):
        raise _wrong("licence", f"{licence!r:.60} is no licence id of the Hub", "other")
    if licence == "other":
        name = block.get("license_name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong("licence_name", "'other' needs a license_name", "udl-0.2")
    relation = block.get("base_model_relation")
    if relation is not None and str(relation) not in RELATIONS:
        words = ", ".join(sorted(RELATIONS))
        raise _wrong("relation", "base_model_relation is no relation", words)
    _base_models(block)
    return block


def _parsed(content: str) -> dict[str, Any]:
    if len(content) > MAX_CARD:
        raise TooLarge("card_large", f"A card has at most {MAX_CARD} characters.")
    front, _ = _split(content)
    if front is None:
        return {}
    hub = load_extra("huggingface_hub")
    _check_yaml(front)
    try:
        card = hub.ModelCard(f"---\n{front}\n---\n", ignore_metadata_errors=True)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    found: dict[str, Any] = card.data.to_dict()
    return found


def _split(content: str) -> tuple[str | None, str]:
    """The block between the first line and the next of ``---``, and what follows."""
    lines = content.lstrip("\ufeff\r\n\t ").splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        return None, content
    end = lines.index("---", 1)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _check_yaml(text: str) -> None:
    """Refuse what could grow when it is read: aliases, tags, depth and size."""
    yaml = load_extra("yaml")
    if len(text) > MAX_FRONT:
        raise TooLarge("card_large", f"A card's block has at most {MAX_FRONT} bytes.")
    if "\n" * MAX_BLANK in text:
        raise _unreadable("it has too many empty lines")
    growing = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)
    try:
        tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
        block = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if any(isinstance(token, growing) for token in tokens):
        raise _unreadable("anchors, aliases and tags are not read")
    if block is not None and not isinstance(block, dict):
        raise _unreadable("it is no mapping")
    if not all(isinstance(key, str) for key in block or {}):
        raise _unreadable("a key is no text")


def _own_block(card: str) -> tuple[dict[str, Any], str]:
    """What of the makers' own block is kept, and their text under it."""
    front, text = _split(card)
    if front is None:
        return {}, card
    try:
        block = _parsed(f"---\n{front}\n---\n")
    except Invalid:  # theirs to mend; their text is shown all the same
        return {}, text
    return {key: block[key] for key in _KEPT if _is_words(block.get(key))}, text


def _is_words(value: object) -> bool:
    words = value if isinstance(value, list) else [value]
    return bool(words) and all(isinstance(word, str) and word for word in words)


def _relation(record: ModelRecord) -> str | None:
    if not record.parents:
        return None
    if record.kind == "adapter":
        return "adapter"
    return "merge" if len(record.parents) > 1 else "finetune"


def _origin(record: ModelRecord) -> dict[str, Any]:
    return {
        "model": record.reference,
        "digest": record.digest,
        "page": record.page,
        "granted": record.granted.date().isoformat(),
        "parents": [
            {"reference": parent.reference, "digest": parent.digest}
            for parent in record.parents
        ],
    }


def _text(record: ModelRecord, terms: Terms, text: str) -> str:
    sentences = "\n".join(f"- {sentence}" for sentence in explain(terms))
    own = text.strip() or f"# {record.name}"
    return (
        f"\n{own}\n\n## Licence terms\n\n{sentences}\n\n"
        f"Licences are granted at <{record.page}>.\n"
    )


def _base_models(block: Mapping[str, Any]) -> tuple[CarriedParent, ...]:
    found = block.get("base_model")
    if found is None:
        return ()
    names = found if isinstance(found, list) else [found]
    if not all(isinstance(name, str) and name for name in names):
        raise _wrong("base_model", "base_model names no models", "owner/name")
    return tuple(CarriedParent(name) for name in names)


def _wrong(what: str, reason: str, example: str) -> Invalid:
    return Invalid(
        f"card_{what}",
        f"The model card breaks the Hub's rules: {reason}.",
        fix=f"Write for example {example}.",
        where=what,
    )


def _unreadable(reason: str) -> Invalid:
    return Invalid(
        "card_block",
        f"The card's block of YAML cannot be read: {' '.join(reason.split())[:200]}.",
        fix="The block is YAML between two lines of ---.",
    )
