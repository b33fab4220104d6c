"""From facts to UDL terms: as much as tags can say, and never more than was granted.

UDL's plain grant lets everybody copy, display and publish without a condition, and a
tag carries one condition. So a licence that asks for credit on copies leaves access
closed, one that asks for two things leaves that right out, and silence is a no. UDL's
passthrough keeps derivatives under the UDL, so no other copyleft can be said by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assay.protocol.licences.facts import Demand, Facts
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    WITH_CREDIT,
    WITH_INDICATION,
    Grant,
    Terms,
)

_ONE_DEMAND: Final = {
    frozenset[Demand](): ALLOWED,
    frozenset({Demand.CREDIT}): WITH_CREDIT,
    frozenset({Demand.INDICATE_CHANGES}): WITH_INDICATION,
}
# What is owed by whoever uses a work as it is: nothing was changed or derived.
_UNCHANGED: Final = frozenset({Demand.CREDIT})


@dataclass(frozen=True, slots=True)
class Translation:
    """The terms that can be said, and a sentence for each thing that cannot."""

    facts: Facts
    terms: Terms
    lost: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the terms say all that the licence grants."""
        return not self.lost


def translate(options: Iterable[Facts]) -> Translation | None:
    """Terms under the alternative that keeps most of its grants; None without one.

    A work under a licence that limits purposes or users cannot be put into tags,
    since none can say those limits: such an alternative is passed over.
    """
    sayable = [
        facts
        for facts in options
        if facts.is_known
        and not facts.use_limits
        and facts.user_threshold is None
        and facts.revenue_threshold is None
    ]
    found = [_translate(facts) for facts in sayable]
    return max(found, key=lambda each: -len(each.lost), default=None)


def _translate(facts: Facts) -> Translation:
    lost: list[str] = []
    derivation = _derivation(facts, lost)
    commercial = _commercial(facts)
    training = ALLOWED if facts.training and not facts.demands else DENIED
    if facts.training is None:
        lost.append(f"{facts.name} does not speak of training models.")
    open_access = not facts.demands
    if not open_access:
        lost.append(f"{facts.name} asks something of every copy; no Access tag can.")
    terms = Terms(
        restricted=not open_access,
        derivation=derivation,
        commercial_use=commercial,
        training=training,
        unknown_rights_excluded=bool(facts.demands) or not facts.commercial,
    )
    return Translation(facts, terms, tuple(lost))


def _derivation(facts: Facts, lost: list[str]) -> Grant:
    if not facts.derivatives:
        return DENIED
    grant = _ONE_DEMAND.get(facts.demands)
    if grant is None:
        lost.append(f"{facts.name} asks more of derivatives than one tag can say.")
        return DENIED
    if not facts.commercial:
        lost.append(f"{facts.name} allows non-commercial derivatives, with a duty.")
        return DENIED
    return grant


def _commercial(facts: Facts) -> Grant:
    if not facts.commercial:
        return DENIED
    if not facts.demands & _UNCHANGED:
        return ALLOWED
    return WITH_CREDIT
