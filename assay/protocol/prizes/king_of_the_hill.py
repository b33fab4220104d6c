"""The purse streams by the second to whoever leads the public board.

``{"lead": "0.01", "standard_errors": "2"}``, either or both: how much evidence a
challenger needs. The definition, with tables: docs/prizes.md.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby, islice, pairwise, takewhile
from typing import TypeAlias

from assay.protocol.errors import Invalid
from assay.protocol.intervals import Z95
from assay.protocol.prizes.contest import Contest, PublicScore
from assay.protocol.prizes.options import Options, check_names, read_billionths
from assay.protocol.prizes.rule import PrizeRule
from assay.protocol.ranking import BILLION, beats, improvement
from assay.protocol.splitting import split

Kings: TypeAlias = Sequence[PublicScore]
Moment: TypeAlias = tuple[datetime, Kings]

TICK = timedelta(microseconds=1)
MAX_STANDARD_ERRORS = 10

_FIX = 'Name a lead, such as {"lead": "0.01"}, or {"standard_errors": "2"}, or both.'
_WIDTH = 2 * Fraction(Z95)  # a 95 % interval is this many standard errors wide


@dataclass(frozen=True, slots=True)
class Reign:
    """Who led from ``since`` to ``until``; several when equals came at one moment."""

    kings: tuple[str, ...]
    since: datetime
    until: datetime

    @property
    def ticks(self) -> int:
        """How long it lasted, in microseconds."""
        return (self.until - self.since) // TICK


@dataclass(frozen=True, slots=True)
class Throne:
    """The contest so far: who leads, since when, and what has accrued.

    Args:
        kings: empty while nobody has taken the lead.
        since: when they did.
        accrued: base units by key, in the order of the first reigns; rounded down,
            and owed only if the entry beats the baseline on the private split.
        unclaimed: base units of the time in which nobody led.
        at: the moment that this is true of.
    """

    kings: tuple[str, ...]
    since: datetime | None
    accrued: Mapping[str, int]
    unclaimed: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a challenger needs: a lead and standard errors, both in billionths."""

    lead: int
    standard_errors: int

    def unseats(self, challenger: PublicScore, king: PublicScore) -> bool:
        """Whether the challenger leads by enough, in exact arithmetic."""
        if challenger.score <= king.score:
            return False
        lead = improvement(challenger.score, king.score)
        if lead < max(self.lead, 1):
            return False
        if not self.standard_errors:
            return True
        # lead >= k * sqrt(se1^2 + se2^2), squared, with se = width / _WIDTH
        widths = sum(improvement(one.high, one.low) ** 2 for one in (challenger, king))
        return (lead * BILLION * _WIDTH) ** 2 >= self.standard_errors**2 * widths


def _read(options: Options) -> _Evidence:
    check_names(options, {"lead", "standard_errors"}, fix=_FIX)
    if not options:
        raise _unreadable("How far must a challenger lead?", "lead")
    lead, errors = (
        read_billionths(options.get(name, "0"), where=name)
        for name in ("lead", "standard_errors")
    )
    if lead >= BILLION:
        raise _unreadable("The lead is below 1.", "lead")
    if errors > MAX_STANDARD_ERRORS * BILLION:
        most = f"At most {MAX_STANDARD_ERRORS} standard errors can be asked for."
        raise _unreadable(most, "standard_errors")
    return _Evidence(lead, errors)


def _unreadable(sentence: str, where: str) -> Invalid:
    return Invalid("prize_options", sentence, fix=_FIX, where=f"options.{where}")


def _check_options(options: Options) -> None:
    _read(options)


def _describe(options: Options) -> str:
    _read(options)
    needs = []
    if "lead" in options:
        needs.append(f"by {options['lead']} on the score's scale")
    if "standard_errors" in options:
        errors = options["standard_errors"]
        needs.append(f"by {errors} standard errors of the difference")
    return f"A challenger must lead {' and '.join(needs)}."


def reigns(
    options: Options, contest: Contest, until: datetime | None = None
) -> list[Reign]:
    """Who led when, on the public board, from the opening to ``until``.

    Reigns follow one another without a gap once somebody leads; each has a length.
    """
    period = _period(contest)
    if period is None:
        return []
    opened, end = period[0], min(period[1], until or period[1])
    evidence = _read(options)
    kings: Kings = ()
    starts: list[tuple[datetime, Kings]] = []
    for at, group in _moments(contest, opened, end):
        takers = _takers(contest, evidence, group, kings)
        if takers:
            kings = takers
            starts.append((at, takers))
    return [
        Reign(tuple(king.key for king in held), since, until)
        for (since, held), (until, _) in pairwise([*starts, (end, ())])
    ]


def _period(contest: Contest) -> tuple[datetime, datetime] | None:
    """From the opening to the deadline; None when that is no time at all."""
    opened, closed = contest.opened_at, contest.closed_at
    if opened is None or closed is None or closed <= opened:
        return None
    return opened, closed


def _moments(contest: Contest, opened: datetime, end: datetime) -> list[Moment]:
    """Who could take the lead when, before ``end``."""
    groups = groupby(contest.steady(), key=lambda one: max(one.at, opened))
    return [
        (at, [one for one in group if _may_lead(contest, one)])
        for at, group in takewhile(lambda pair: pair[0] < end, groups)
    ]


def _may_lead(contest: Contest, one: PublicScore) -> bool:
    base = contest.public_baseline
    return base is None or beats(one.score, base, contest.margin)


def _takers(
    contest: Contest, evidence: _Evidence, challengers: Kings, kings: Kings
) -> Kings:
    """Who of the challengers of one moment takes the lead: the best, or equals."""
    able = [
        one for one in challengers if all(evidence.unseats(one, king) for king in kings)
    ]
    best = max((one.score for one in able), default=0.0)
    equals = {one.key: one for one in able if one.score == best}
    return [equals[key] for key in contest.first_of_each(list(equals))]


def _weights(
    spans: Sequence[tuple[Sequence[str], int]], whole: int
) -> tuple[dict[str, int], int]:
    """Exact weights by key, and the weight of the whole time.

    Args:
        spans: who shares how many microseconds; none of it where there is nobody.
        whole: microseconds between the opening and the deadline.
    """
    # a common multiple keeps the halves and thirds of shared reigns whole
    unit = math.lcm(*(len(kings) for kings, _ in spans if kings))
    weights: Counter[str] = Counter()
    for kings, ticks in spans:
        for key in kings:
            weights[key] += ticks * unit // len(kings)
    return dict(weights), whole * unit


def _divide(options: Options, contest: Contest) -> Mapping[str, int]:
    period = _period(contest)
    if period is None:
        return {}
    valid = [placing.entry.key for placing in contest.placings]
    spans = [
        ([key for key in valid if key in reign.kings], reign.ticks)
        for reign in reigns(options, contest)
    ]
    weights, whole = _weights(spans, (period[1] - period[0]) // TICK)
    keys = [key for key in valid if key in weights]
    paid = [weights[key] for key in keys]
    parts = split(contest.purse, [*paid, whole - sum(paid)])
    return dict(zip(keys, parts, strict=False))  # the last part is nobody's


def accrued(options: Options, contest: Contest, at: datetime) -> Throne:
    """What each entry has earned by ``at`` if its private score holds.

    More stake or a later deadline changes it: the purse streams evenly over the
    whole time. Placings are not looked at.
    """
    period = _period(contest)
    if period is None:
        return Throne((), None, {}, 0, at)
    now = min(max(at, period[0]), period[1])
    found = reigns(options, contest, now)
    spans = [(reign.kings, reign.ticks) for reign in found]
    weights, whole = _weights(spans, (period[1] - period[0]) // TICK)
    amounts = {key: contest.purse * part // whole for key, part in weights.items()}
    waited = ((found[0].since if found else now) - period[0]) // TICK
    total = (period[1] - period[0]) // TICK
    last = found[-1] if found else None
    return Throne(
        kings=last.kings if last else (),
        since=last.since if last else None,
        accrued=amounts,
        unclaimed=contest.purse * waited // total,
        at=now,
    )


def _finalists(options: Options, contest: Contest) -> Sequence[str]:
    """Everyone who ever led, and who would have without any one of them."""
    period = _period(contest)
    if period is None:
        return []
    evidence, moments = _read(options), _moments(contest, *period)
    held: list[Kings] = [()]
    for _, group in moments:
        held.append(_takers(contest, evidence, group, held[-1]) or held[-1])
    found = {king.key: None for kings in held for king in kings}
    for index, (before, after) in enumerate(pairwise(held)):
        if after is not before:
            for king in after:
                heirs = _heirs(contest, evidence, king.key, moments, held, index)
                found |= dict.fromkeys(heirs)
    return list(found)


def _heirs(  # noqa: PLR0917 - what is replayed, and from where
    contest: Contest,
    evidence: _Evidence,
    struck: str,
    moments: Sequence[Moment],
    held: Sequence[Kings],
    start: int,
) -> Iterator[str]:
    """Who leads from that moment on without ``struck``, until it changes nothing.

    ``held`` has who led before the first moment, and after each.
    """
    kings = held[start]
    for (_, group), anyway in islice(zip(moments, held[1:], strict=True), start, None):
        others = [one for one in group if one.key != struck]
        kings = _takers(contest, evidence, others, kings) or kings
        yield from (king.key for king in kings)
        if [king.key for king in kings] == [king.key for king in anyway]:
            return


RULE = PrizeRule(
    summary="The purse streams by the second to whoever leads the public board.",
    example={"lead": "0.01", "standard_errors": "2"},
    check_options=_check_options,
    describe=_describe,
    divide=_divide,
    finalists=_finalists,
    one_entry_each=False,
)
