"""May this be done, by whom, on this day, and at what price?

Every decision is about one use alone: who wants to read *and* sell asks twice and
owes both. Where the terms depend on a day and the day is not given, the answer is no.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact
from typing import Final

from assay.protocol.terms.bounds import MAX_DECIMALS, MAX_WHOLE_DIGITS
from assay.protocol.terms.days import (
    Days,
    InForce,
    UndecidedError,
    anniversary,
    grant_in_force,
)
from assay.protocol.terms.decision import Decision, Duty, Price
from assay.protocol.terms.grammar import fee_text
from assay.protocol.terms.model import DENIED, Fee, Terms, default_derivation
from assay.protocol.terms.names import Tag
from assay.protocol.terms.sentences import Language, say
from assay.protocol.terms.vocabulary import Condition, Party, Period, Right, Use
from assay.protocol.terms.wording import condition_words, price_words

# Sums must be exact whatever the caller's decimal context is.
_EXACT: Final = Context(prec=MAX_WHOLE_DIGITS + MAX_DECIMALS + 2, traps=[Inexact])
_DUTIES: Final[Mapping[Condition, Duty]] = {
    Condition.CREDIT: Duty.CREDIT,
    Condition.INDICATION: Duty.INDICATE_CHANGES,
    Condition.PASSTHROUGH: Duty.SAME_LICENCE,
    Condition.NONCOMMERCIAL: Duty.NONCOMMERCIAL_ONLY,
}


@dataclass(frozen=True, slots=True)
class _Case:
    """What a question is about, and the language that it is answered in."""

    terms: Terms
    days: Days
    language: Language

    def say(self, key: str, /, **blanks: object) -> str:
        return say(self.language, key, **blanks)

    def no(self, key: str, /, **blanks: object) -> Decision:
        return Decision(allowed=False, reasons=(self.say(key, **blanks),))


def decide(
    terms: Terms,
    use: Use,
    *,
    on: date | None = None,
    granted: date | None = None,
    party: Party = Party.ANYONE,
    language: Language = Language.ENGLISH,
) -> Decision:
    """Whether ``terms`` allow ``use`` to ``party`` on the day ``on``, and for what.

    ``granted`` is the day on which the work was put under its terms; years of an
    expiry and of time windows count from there. Who granted them needs no licence.
    """
    case = _Case(terms, Days(on, granted), language)
    if party is Party.LICENSOR:
        return Decision(allowed=True, reasons=(case.say("why.licensor"),))
    return _obstacle(case) or _DECIDERS[use](case)


def _obstacle(case: _Case) -> Decision | None:
    """Why nothing at all is allowed, if so."""
    terms, (on, granted) = case.terms, case.days
    if terms.version is None:
        return case.no("why.no-licence")
    if on is not None and granted is not None and on < granted:
        return case.no("why.not-begun", day=granted.isoformat())
    if terms.expiry_years is None:
        return None
    said = f"{Tag.EXPIRY} = {terms.expiry_years}"
    if on is None or granted is None:
        return case.no("why.day-of-end", said=said)
    end = anniversary(granted, terms.expiry_years)
    if end is not None and on >= end:
        return case.no("why.ended", said=said, day=end.isoformat())
    return None


def _decide_access(case: _Case) -> Decision:
    fee = case.terms.access_fee
    if fee is not None:
        price = price_words(case.language, case.terms, fee)
        said = f"{Tag.ACCESS_FEE} = {fee_text(fee)}"
        reasons = (case.say("why.access-fee", said=said, price=price),)
        return Decision(
            allowed=True, prices=(Price(fee.amount, fee.period),), reasons=reasons
        )
    if case.terms.restricted:
        return case.no("why.access-closed")
    return Decision(allowed=True, reasons=(case.say("why.access-free"),))


def _decide_distribution(case: _Case) -> Decision:
    return case.no("why.distribution")


def _decide_unknown(case: _Case) -> Decision:
    if case.terms.unknown_rights_excluded:
        return case.no("why.unknown-excluded")
    return Decision(allowed=True, reasons=(case.say("why.unknown-included"),))


def _decide_commercial(case: _Case) -> Decision:
    return _decide_rights(case, [Right.COMMERCIAL_USE])


def _decide_derivation(case: _Case) -> Decision:
    return _decide_rights(case, [Right.DERIVATION])


def _decide_training(case: _Case) -> Decision:
    return _decide_rights(case, [Right.TRAINING])


def _decide_commercial_derivation(case: _Case) -> Decision:
    return _decide_rights(case, [Right.DERIVATION, Right.COMMERCIAL_USE])


_DECIDERS: Final[Mapping[Use, Callable[[_Case], Decision]]] = {
    Use.ACCESS: _decide_access,
    Use.DISTRIBUTION: _decide_distribution,
    Use.COMMERCIAL: _decide_commercial,
    Use.DERIVATION: _decide_derivation,
    Use.COMMERCIAL_DERIVATION: _decide_commercial_derivation,
    Use.TRAINING: _decide_training,
    Use.UNKNOWN: _decide_unknown,
}


def _decide_rights(case: _Case, rights: Sequence[Right]) -> Decision:
    """All of ``rights`` together: every one must be granted, and each is owed."""
    grants: dict[Right, InForce] = {}
    obstacles: list[str] = []
    for right in rights:
        try:
            grants[right] = grant_in_force(case.terms, right, case.days)
        except UndecidedError as trouble:
            obstacles.append(case.say(trouble.key, tag=right.value))
    obstacles = obstacles or _denials(case, grants)
    if obstacles:
        return Decision(allowed=False, reasons=tuple(obstacles))
    return _sum_up(case, grants)


def _denials(case: _Case, grants: Mapping[Right, InForce]) -> list[str]:
    found = [
        _denial(case, right, in_force)
        for right, in_force in grants.items()
        if not in_force.grant.allowed
    ]
    commercial = Right.COMMERCIAL_USE in grants and Right.DERIVATION in grants
    if commercial and _is_noncommercial(grants[Right.DERIVATION]):
        found.append(case.say("why.noncommercial", tag=Right.DERIVATION.value))
    return found


def _is_noncommercial(in_force: InForce) -> bool:
    return in_force.grant.condition is Condition.NONCOMMERCIAL


def _denial(case: _Case, right: Right, in_force: InForce) -> str:
    what = case.say(f"what.{right.value}")
    default = DENIED
    if right is Right.DERIVATION:
        default = default_derivation(case.terms.licence)
    if in_force.tag == right.value and default == DENIED:
        return case.say("why.not-granted", tag=right.value, what=what)
    return case.say("why.denied", said=in_force.said, what=what)


def _sum_up(case: _Case, grants: Mapping[Right, InForce]) -> Decision:
    fees = [found.grant.fee for found in grants.values() if found.grant.fee is not None]
    if Right.COMMERCIAL_USE in grants and case.terms.licence_fee is not None:
        fees.append(case.terms.licence_fee)
    share = _sum(g.grant.share for g in grants.values() if g.grant.share is not None)
    if share is not None and share > 100:
        return case.no("why.shares-over")
    duties = [
        _DUTIES[found.grant.condition].value
        for found in grants.values()
        if found.grant.condition in _DUTIES
    ]
    return Decision(
        allowed=True,
        prices=_prices(fees),
        revenue_share=share,
        duties=tuple(dict.fromkeys(duties)),
        reasons=tuple(_reasons(case, grants)),
    )


def _reasons(case: _Case, grants: Mapping[Right, InForce]) -> Iterable[str]:
    for right, found in grants.items():
        what = case.say(f"what.{right.value}")
        terms, language = case.terms, case.language
        condition = condition_words(language, terms, right, found.grant)
        if _is_noncommercial(found):
            yield case.say(
                "why.default", tag=right.value, what=what, condition=condition
            )
        else:
            yield case.say(
                "why.granted", said=found.said, what=what, condition=condition
            )
        if right is Right.COMMERCIAL_USE and terms.licence_fee is not None:
            price = price_words(language, terms, terms.licence_fee)
            said = f"{Tag.LICENSE_FEE} = {fee_text(terms.licence_fee)}"
            yield case.say("why.licence-fee", said=said, price=price)


def _prices(fees: Sequence[Fee]) -> tuple[Price, ...]:
    """One exact sum a period, what is due once first."""
    totals = {
        period: _sum(fee.amount for fee in fees if fee.period is period)
        for period in Period
    }
    return tuple(
        Price(total, period) for period, total in totals.items() if total is not None
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    total: Decimal | None = None
    for amount in amounts:
        total = amount if total is None else _EXACT.add(total, amount)
    return total
