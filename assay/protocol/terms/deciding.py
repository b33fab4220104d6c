"""May this be done, on this day, and at what price?

Every decision is about one use alone: who wants to read *and* sell asks twice and
owes both. Where the terms depend on a day and the day is not given, the answer is no.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from typing import Final

from assay.protocol.terms.bounds import MAX_DECIMALS, MAX_WHOLE_DIGITS
from assay.protocol.terms.model import Fee, Grant, Terms, Window
from assay.protocol.terms.vocabulary import Condition, Period, Right, Side, Use

# Sums must be exact whatever the caller's decimal context is.
_EXACT: Final = Context(prec=MAX_WHOLE_DIGITS + MAX_DECIMALS + 2, traps=[Inexact])


class Duty(StrEnum):
    """What the licensee owes besides money."""

    CREDIT = "credit"
    INDICATE_CHANGES = "indicate-changes"
    SAME_LICENCE = "same-licence"
    NONCOMMERCIAL_ONLY = "noncommercial-only"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one use.

    Attributes:
        price: exact amount of the terms' currency; None when nothing is owed up front.
        period: how often the price is due; None exactly when there is no price.
        revenue_share: percent of revenue, above 0 and at most 100; None when none.
        duties: ``Duty`` words, without repetition.
        reasons: full sentences that lead to the answer.
    """

    allowed: bool
    price: Decimal | None = None
    period: Period | None = None
    revenue_share: Decimal | None = None
    duties: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """The terms and the two days that a question is about."""

    terms: Terms
    on: date | None
    granted: date | None


def decide(
    terms: Terms, use: Use, *, on: date | None = None, granted: date | None = None
) -> Decision:
    """Whether ``terms`` allow ``use`` on the day ``on``, and for what.

    ``granted`` is the day on which the work was put under its terms; years of an
    expiry and of time windows count from there.
    """
    case = _Case(terms, on, granted)
    obstacle = _obstacle(case)
    if obstacle is not None:
        return _no(obstacle)
    return _DECIDERS[use](case)


def anniversary(day: date, years: int) -> date | None:
    """``day``, ``years`` later; 29 February becomes 1 March; None past year 9999."""
    if day.year + years > date.max.year:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _no(*reasons: str) -> Decision:
    return Decision(allowed=False, reasons=reasons)


def _obstacle(case: _Case) -> str | None:
    """Why nothing at all is allowed, if so."""
    if case.terms.version is None:
        return "No licence that is known here is named, so nothing is granted."
    if case.on is not None and case.granted is not None and case.on < case.granted:
        return f"The terms begin on {case.granted.isoformat()}."
    if case.terms.expiry_years is None:
        return None
    if case.on is None or case.granted is None:
        return "The terms end after some years: say the day, and when they began."
    end = anniversary(case.granted, case.terms.expiry_years)
    if end is not None and case.on >= end:
        return f"The terms ended on {end.isoformat()}."
    return None


def _decide_access(case: _Case) -> Decision:
    fee = case.terms.access_fee
    if fee is not None:
        return _yes([fee], [], (), "Access is granted for a fee.")
    if case.terms.restricted:
        return _no("Access is restricted and no fee opens it.")
    return _yes([], [], (), "Anyone may copy, display and make the work public.")


def _decide_distribution(_case: _Case) -> Decision:
    return _no(
        "The licence lets anyone copy, display and make the work public; it does not "
        "grant distribution, and no tag can."
    )


def _decide_commercial(case: _Case) -> Decision:
    return _decide_rights(case, Right.COMMERCIAL_USE)


def _decide_derivation(case: _Case) -> Decision:
    return _decide_rights(case, Right.DERIVATION)


def _decide_training(case: _Case) -> Decision:
    return _decide_rights(case, Right.TRAINING)


def _decide_commercial_derivation(case: _Case) -> Decision:
    grant = _grant_in_force(case, Right.DERIVATION)
    if isinstance(grant, Grant) and grant.condition is Condition.NONCOMMERCIAL:
        return _no("Derivation is allowed for non-commercial purposes only.")
    return _decide_rights(case, Right.DERIVATION, Right.COMMERCIAL_USE)


_DECIDERS: Final[Mapping[Use, Callable[[_Case], Decision]]] = {
    Use.ACCESS: _decide_access,
    Use.DISTRIBUTION: _decide_distribution,
    Use.COMMERCIAL: _decide_commercial,
    Use.DERIVATION: _decide_derivation,
    Use.COMMERCIAL_DERIVATION: _decide_commercial_derivation,
    Use.TRAINING: _decide_training,
}

_DUTIES: Final[Mapping[Condition, Duty]] = {
    Condition.CREDIT: Duty.CREDIT,
    Condition.INDICATION: Duty.INDICATE_CHANGES,
    Condition.PASSTHROUGH: Duty.SAME_LICENCE,
    Condition.NONCOMMERCIAL: Duty.NONCOMMERCIAL_ONLY,
}
_NAMES: Final[Mapping[Right, str]] = {
    Right.DERIVATION: "Derivation",
    Right.COMMERCIAL_USE: "Commercial use",
    Right.TRAINING: "Training models on the work",
}


def _decide_rights(case: _Case, *rights: Right) -> Decision:
    """All of ``rights`` together: every one must be granted, and each is owed."""
    grants = {right: _grant_in_force(case, right) for right in rights}
    unclear = [grant for grant in grants.values() if isinstance(grant, str)]
    if unclear:
        return _no(*unclear)
    clear = {r: g for r, g in grants.items() if isinstance(g, Grant)}
    denied = [f"{_NAMES[r]} is not allowed." for r, g in clear.items() if not g.allowed]
    if denied:
        return _no(*denied)
    fees = [grant.fee for grant in clear.values() if grant.fee is not None]
    if Right.COMMERCIAL_USE in rights and case.terms.licence_fee is not None:
        fees.append(case.terms.licence_fee)
    shares = [grant.share for grant in clear.values() if grant.share is not None]
    duties = tuple(
        _DUTIES[grant.condition].value
        for grant in clear.values()
        if grant.condition in _DUTIES
    )
    return _yes(fees, shares, duties, *(f"{_NAMES[r]} is allowed." for r in rights))


def _yes(
    fees: list[Fee], shares: list[Decimal], duties: tuple[str, ...], *reasons: str
) -> Decision:
    periods = {fee.period for fee in fees}
    if len(periods) > 1:
        return _no(
            "One fee is due once and another every month: ask for commercial use and "
            "derivation one by one."
        )
    share = _sum(shares)
    if share is not None and share > 100:
        return _no("The revenue shares together are more than 100 percent.")
    return Decision(
        allowed=True,
        price=_sum([fee.amount for fee in fees]),
        period=periods.pop() if periods else None,
        revenue_share=share,
        duties=tuple(dict.fromkeys(duties)),
        reasons=reasons,
    )


def _sum(amounts: list[Decimal]) -> Decimal | None:
    if not amounts:
        return None
    total = amounts[0]
    for amount in amounts[1:]:
        total = _EXACT.add(total, amount)
    return total


def _grant_in_force(case: _Case, right: Right) -> Grant | str:
    """The grant of ``right`` on the case's day, or why it cannot be told."""
    windows = case.terms.windows_of(right)
    if not windows:
        return case.terms.grant(right)
    if case.on is None or case.granted is None:
        return f"{_NAMES[right]} depends on the day: say it, and when the terms began."
    after = [w for w in windows if w.key.side is Side.AFTER and _reached(w, case)]
    before = [w for w in windows if w.key.side is Side.BEFORE and not _reached(w, case)]
    # The nearest anniversary decides on each side: the last one passed, the next one.
    nearest = [
        *sorted(after, key=lambda w: w.key.years)[-1:],
        *sorted(before, key=lambda w: w.key.years)[:1],
    ]
    grants = {window.grant for window in nearest}
    if len(grants) > 1:
        return f"{_NAMES[right]} has two time windows that disagree on this day."
    return grants.pop() if grants else case.terms.grant(right)


def _reached(window: Window, case: _Case) -> bool:
    assert case.on is not None
    assert case.granted is not None
    day = anniversary(case.granted, window.key.years)
    return day is not None and case.on >= day
