"""Tags as nobody would write them: real ones, cut, crossed, doubled and misspelt."""

from random import Random

from assay.protocol.terms.names import Tag
from assay.protocol.terms.neighbours import NEIGHBOURS
from tests.protocol.terms import vectors

SEEDS = [
    tags
    for name, tags in vars(vectors).items()
    if name.startswith("V") and isinstance(tags, dict)
]
NAMES = [
    *Tag,
    *NEIGHBOURS,
    "Expires",
    "Derivations",
    "Commerical-Use",
    "Commercial-Fee",
    "Content-Type",
    "After-2-Years-Derivation",
    "Before-5-Years-Commercial-Use",
    "After-4-Years-Data-Model-Training",
    "Before-3-Years-Derivations",
]
VALUES = sorted(
    {value for tags in SEEDS for value in tags.values()}
    | {
        "Allowed",
        "Disallowed",
        "None",
        "Excluded",
        "Restricted",
        "Public",
        "Allowed-With-Credit-0",
        "Allowed-With-Indication",
        "Allowed-With-License-Passthrough",
        "Allowed-With-Revenue-Share-99.5",
        "Allowed-With-Monthly-Fee-1",
        "Allowed-With-Fee-Monthly-1",
        "After-2-Years-Allowed",
        "One-Time-0",
        "One-Time-5",
        "Monthly-5",
        "one-time",
        "per-stream",
        "required",
        "deny",
        "0",
        "1",
        "4",
        "9999",
    }
)
LETTERS = "abcXYZ019-_. %\u0430\u0661\u212a\u00df\n"


def mutated(random: Random) -> dict[str, str]:
    """Some tags, from a seed by a handful of changes."""
    tags = dict(random.choice(SEEDS))
    for _ in range(random.randrange(6)):
        random.choice(_CHANGES)(random, tags)
    return tags


def _add(random: Random, tags: dict[str, str]) -> None:
    tags[random.choice(NAMES)] = random.choice(VALUES)


def _drop(random: Random, tags: dict[str, str]) -> None:
    if tags:
        del tags[random.choice(list(tags))]


def _swap_value(random: Random, tags: dict[str, str]) -> None:
    if tags:
        tags[random.choice(list(tags))] = random.choice(VALUES)


def _misspell_name(random: Random, tags: dict[str, str]) -> None:
    if tags:
        name = random.choice(list(tags))
        tags[edited(random, name)] = tags.pop(name)


def _double_in_other_case(random: Random, tags: dict[str, str]) -> None:
    if tags:
        name = random.choice(list(tags))
        tags[name.swapcase()] = random.choice([tags[name], random.choice(VALUES)])


def _misspell_value(random: Random, tags: dict[str, str]) -> None:
    if tags:
        name = random.choice(list(tags))
        tags[name] = edited(random, tags[name])


_CHANGES = (
    _add,
    _drop,
    _swap_value,
    _misspell_name,
    _double_in_other_case,
    _misspell_value,
)


def edited(random: Random, text: str) -> str:
    """``text`` with one letter dropped, changed or added, or two swapped."""
    at = random.randrange(len(text) + 1)
    letter = random.choice(LETTERS)
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + letter + text[at + 1 :]
    if kind == 2:
        return text[:at] + letter + text[at:]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
