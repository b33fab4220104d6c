"""Tag names: which are known, how they may be spelt, and which look like slips.

A slip must never widen a licence. A misspelt grant is simply not read; a misspelt
*restriction* (``Acess-Fee``) would open what its author meant to close if it were
ignored. So a name that is close to a known one is a suspect, and closes that tag.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from assay.protocol.terms.model import WindowKey
from assay.protocol.terms.vocabulary import Right, Side


class Tag(StrEnum):
    """The tags of UDL; the value is the canonical (0.2) spelling."""

    LICENSE = "License"
    ACCESS = "Access"
    ACCESS_FEE = "Access-Fee"
    DERIVATION = "Derivation"
    COMMERCIAL_USE = "Commercial-Use"
    TRAINING = "Data-Model-Training"
    LICENSE_FEE = "License-Fee"
    UNKNOWN_RIGHTS = "Unknown-Usage-Rights"
    EXPIRY = "Expiry"
    CURRENCY = "Currency"
    PAYMENT_ADDRESS = "Payment-Address"
    PAYMENT_MODE = "Payment-Mode"


Slot = Tag | WindowKey
"""Where a value goes: a plain tag, or a tag's time window."""

_SPELLINGS: Final[Mapping[str, Tag]] = {
    **{tag.lower(): tag for tag in Tag},
    "derivations": Tag.DERIVATION,
    "expires": Tag.EXPIRY,
}
# Names that circulate without a specification or a writer. Whoever used one meant a
# price, so the right is closed instead of given away.
_STRAYS: Final[Mapping[str, Tag]] = {
    "derivation-fee": Tag.DERIVATION,
    "commercial-fee": Tag.COMMERCIAL_USE,
    "commercial-use-fee": Tag.COMMERCIAL_USE,
    "training-fee": Tag.TRAINING,
    "data-model-training-fee": Tag.TRAINING,
}
_WINDOW = re.compile(
    r"(?P<side>before|after)-(?P<years>[1-9][0-9]{0,3})-years-(?P<tag>[a-z-]+)"
)
_RIGHTS: Final[Mapping[str, Right]] = {
    **{right.lower(): right for right in Right},
    "derivations": Right.DERIVATION,
}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A name that is not known but close enough to ``tag`` to have been meant."""

    tag: Tag


def recognise(name: str) -> Slot | Suspect | None:
    """The slot that ``name`` fills, a suspect, or None for a stranger."""
    folded = name.lower() if name.isascii() else name
    if folded in _SPELLINGS:
        return _SPELLINGS[folded]
    if window := _window(folded):
        return window
    if folded in _STRAYS:
        return Suspect(_STRAYS[folded])
    nearest = _nearest(_letters(name))
    return None if nearest is None else Suspect(nearest)


def slot_name(slot: Slot) -> str:
    """The canonical tag name of ``slot``."""
    if isinstance(slot, WindowKey):
        return f"{slot.side}-{slot.years}-Years-{slot.right}"
    return slot.value


def tag_of(slot: Slot) -> Tag:
    """The tag that ``slot`` belongs to."""
    return Tag(slot.right.value) if isinstance(slot, WindowKey) else slot


def _window(folded: str) -> WindowKey | None:
    found = _WINDOW.fullmatch(folded)
    if found is None or found["tag"] not in _RIGHTS:
        return None
    side = Side(found["side"].capitalize())
    return WindowKey(_RIGHTS[found["tag"]], side, int(found["years"]))


def _letters(name: str) -> str:
    """Only the letters, in lower case: hyphens, digits and odd spaces never count."""
    plain = unicodedata.normalize("NFKC", name[:200]).casefold()
    return "".join(char for char in plain if char.isalpha())


def _candidates() -> dict[str, Tag]:
    names = {_letters(spelling): tag for spelling, tag in _SPELLINGS.items()}
    windows = {
        f"{side.lower()}{years}{letters}": tag
        for side in Side
        for years in ("year", "years")
        for letters, tag in names.items()
    }
    return names | windows


_CANDIDATES: Final[Mapping[str, Tag]] = _candidates()
_ALPHABETS: Final = {candidate: frozenset(candidate) for candidate in _CANDIDATES}
_CACHED: Final = 4096  # the names that circulate, many times over


@lru_cache(_CACHED)
def _nearest(letters: str) -> Tag | None:
    alphabet = frozenset(letters)
    distances = [
        (distance, candidate)
        for candidate in _CANDIDATES
        # One edit takes one letter out of use and brings another in, at most.
        if len(alphabet ^ _ALPHABETS[candidate]) <= 2 * _tolerance(candidate)
        and (distance := _distance(letters, candidate)) <= _tolerance(candidate)
    ]
    return _CANDIDATES[min(distances)[1]] if distances else None


def _tolerance(candidate: str) -> int:
    return 2 if len(candidate) >= 8 else 1


def _distance(left: str, right: str) -> int:
    """Edits between two words; a swap of neighbours is one edit (Damerau, OSA).

    Three stands for anything above two: a hostile name must not cost much.
    """
    if abs(len(left) - len(right)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, char in enumerate(left, start=1):
        before, above, row = row, before, [i] + [0] * len(right)
        for j, other in enumerate(right, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                row[j] = min(row[j], above[j - 2] + 1)
        if min(row) > 2:
            return 3
    return row[-1]
