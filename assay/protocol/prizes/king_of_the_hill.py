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
from itertools import groupby, pairwise

from assay.protocol.errors import Invalid
from assay.protocol.intervals import Z95
from assay.protocol.prizes.contest import Contest, PublicScore
from assay.protocol.prizes.options import Options, check_names, read_billionths
from assay.protocol.prizes.rule import PrizeRule
from assay.protocol.ranking import BILLION, beats, improvement
from assay.protocol.splitting import split

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
        lead = improvement(challenger.score, king.score)
        if lead < max(self.lead, 1):
            return False
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
    kings: Sequence[PublicScore] = ()
    starts: list[tuple[datetime, Sequence[PublicScore]]] = []
    moments = groupby(_recorded(contest, opened), key=lambda pair: pair[0])
    for at, group in moments:
        if at >= end:
            break
        challengers = [score for _, score in group]
        takers = _takers(contest, evidence, challengers, kings)
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


def _recorded(
    contest: Contest, opened: datetime
) -> Iterator[tuple[datetime, PublicScore]]:
    """The timeline in its order, with times that never run backwards."""
    last = opened
    for score in contest.timeline:
        last = max(last, score.at)
        yield last, score


def _takers(
    contest: Contest,
    evidence: _Evidence,
    challengers: Sequence[PublicScore],
    kings: Sequence[PublicScore],
) -> Sequence[PublicScore]:
    """Who of the challengers of one moment takes the lead: the best, or equals."""
    able = [
        one
        for one in challengers
        if _may_lead(contest, one) and all(evidence.unseats(one, k) for k in kings)
    ]
    best = max((one.score for one in able), default=0.0)
    equals = {one.key: one for one in able if one.score == best}
    return [equals[key] for key in contest.first_of_each(list(equals))]


def _may_lead(contest: Contest, one: PublicScore) -> bool:
    base = contest.public_baseline
    return base is None or beats(one.score, base, contest.margin)


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
    leaders = _leaders(options, contest)
    found = dict.fromkeys(leaders)
    for key in leaders:
        found |= dict.fromkeys(_leaders(options, contest.without({key})))
    return list(found)


def _leaders(options: Options, contest: Contest) -> list[str]:
    return [key for reign in reigns(options, contest) for key in reign.kings]


RULE = PrizeRule(
    summary="The purse streams by the second to whoever leads the public board.",
    example={"lead": "0.01", "standard_errors": "2"},
    check_options=_check_options,
    describe=_describe,
    divide=_divide,
    finalists=_finalists,
    one_entry_each=False,
)
