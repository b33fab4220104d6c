"""A fixed award for reaching a fixed score first.

``{"milestones": [{"score": "0.80", "parts": 1}, {"score": "0.90", "parts": 3}]}``.
Instead of ``parts`` of the purse each may name an ``amount`` in base units.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.protocol.errors import Invalid
from assay.protocol.money import MAX_UNITS
from assay.protocol.prizes.contest import Contest, PublicScore
from assay.protocol.prizes.options import (
    Options,
    check_names,
    is_whole,
    read_billionths,
)
from assay.protocol.prizes.rule import PrizeRule
from assay.protocol.ranking import BILLION, improvement
from assay.protocol.splitting import split

MAX_MILESTONES = 20
MAX_PARTS = 10**9
ENTRANTS_IN_LINE, ENTRIES_OF_EACH = 5, 2

_FIX = (
    'Write them from the lowest score on, such as {"milestones": '
    '[{"score": "0.80", "parts": 1}, {"score": "0.90", "parts": 3}]}.'
)


@dataclass(frozen=True, slots=True)
class _Milestone:
    """The score in billionths, its text, and a weight: parts or base units."""

    score: int
    text: str
    weight: int


def _read(options: Options) -> tuple[str, list[_Milestone]]:
    """The kind, ``parts`` or ``amount``, and the milestones from the lowest on."""
    check_names(options, {"milestones"}, fix=_FIX)
    rows = options.get("milestones")
    if not isinstance(rows, list | tuple) or not 1 <= len(rows) <= MAX_MILESTONES:
        raise _unreadable(f"There are 1 to {MAX_MILESTONES} milestones in a list.")
    kinds = {_kind(row) for row in rows}
    if len(kinds) > 1:
        raise _unreadable("All milestones have parts, or all have amounts.")
    found = [_read_one(row) for row in rows]
    scores = [milestone.score for milestone in found]
    if scores != sorted(set(scores)):
        raise _unreadable("Each milestone's score is above the one before it.")
    return kinds.pop(), found


def _kind(row: object) -> str:
    if isinstance(row, Mapping):
        for kind in ("parts", "amount"):
            if set(row) == {"score", kind}:
                return kind
    raise _unreadable("A milestone is a score with its parts or its amount.")


def _read_one(row: Mapping[str, object]) -> _Milestone:
    score = read_billionths(row["score"], where="milestones")
    if not 0 < score <= BILLION:
        raise _unreadable("A milestone's score is above 0 and at most 1.")
    weight = row.get("parts", row.get("amount"))
    if "amount" in row:
        weight = _read_units(weight)
    elif not is_whole(weight, 1, MAX_PARTS):
        raise _unreadable(f"The parts are a whole number from 1 to {MAX_PARTS}.")
    return _Milestone(score, str(row["score"]), int(str(weight)))


def _read_units(given: object) -> int:
    is_digits = isinstance(given, str) and given.isascii() and given.isdecimal()
    if is_digits and len(str(given)) <= 48 and 1 <= int(str(given)) <= MAX_UNITS:
        return int(str(given))
    raise _unreadable("An amount is a text of whole base units above zero.")


def _unreadable(sentence: str) -> Invalid:
    return Invalid("prize_options", sentence, fix=_FIX, where="options.milestones")


def _check_options(options: Options) -> None:
    _read(options)


def _describe(options: Options) -> str:
    kind, milestones = _read(options)
    word = "base unit" if kind == "amount" else "part"
    told = (
        f"{one.text} for {one.weight} {word}{'' if one.weight == 1 else 's'}"
        for one in milestones
    )
    return f"Milestones: {', '.join(told)}."


def _pools(purse: int, kind: str, milestones: Sequence[_Milestone]) -> Sequence[int]:
    """Base units by milestone; amounts that the purse cannot pay shrink alike."""
    weights = [milestone.weight for milestone in milestones]
    if kind == "amount" and sum(weights) <= purse:
        return weights
    return split(purse, weights)


def _line(milestone: _Milestone, contest: Contest) -> list[PublicScore]:
    """Who reached it on the public board, in the order of submission."""
    reached = (
        s for s in contest.timeline if improvement(s.score, 0.0) >= milestone.score
    )
    return sorted(reached, key=lambda one: (one.submitted_at, one.key))


def _divide(options: Options, contest: Contest) -> Mapping[str, int]:
    kind, milestones = _read(options)
    amounts: Counter[str] = Counter()
    pools = _pools(contest.purse, kind, milestones)
    for milestone, pool in zip(milestones, pools, strict=True):
        keys = _first(milestone, contest)
        if keys:
            parts = split(pool, [1] * len(keys))
            amounts.update(dict(zip(keys, parts, strict=True)))
    return amounts


def _first(milestone: _Milestone, contest: Contest) -> list[str]:
    """Who is first in line with a private score that holds; several if at once."""
    private = {p.entry.key: improvement(p.entry.score, 0.0) for p in contest.placings}
    line = [
        one
        for one in _line(milestone, contest)
        if private.get(one.key, 0) >= milestone.score
    ]
    at_once = [one.key for one in line if one.submitted_at == line[0].submitted_at]
    return contest.first_of_each(at_once)


def _finalists(options: Options, contest: Contest) -> Sequence[str]:
    """For each milestone the first entrants in line, with few entries of each."""
    _, milestones = _read(options)
    found: dict[str, None] = {}
    for milestone in milestones:
        entries: Counter[str] = Counter()
        for one in _line(milestone, contest):
            entrant = contest.entrant(one.key)
            is_known = entrant in entries
            if not is_known and len(entries) == ENTRANTS_IN_LINE:
                break
            entries[entrant] += 1
            if entries[entrant] <= ENTRIES_OF_EACH:
                found[one.key] = None
    return list(found)


RULE = PrizeRule(
    summary="A fixed award for whoever is first to reach each of some scores.",
    example={
        "milestones": [{"score": "0.80", "parts": 1}, {"score": "0.90", "parts": 3}]
    },
    check_options=_check_options,
    describe=_describe,
    divide=_divide,
    finalists=_finalists,
    one_entry_each=False,
)
