"""When evaluators agree, who was wrong when they do not, and what that costs.

A score counts once ``k`` distinct operators have signed the same root. Two roots that
differ are a dispute: ``disputes.bisect`` finds the first example that differs, a
referee recomputes that one, and ``judge`` says who was wrong. The rules in words, and
why an honest evaluator never pays: docs/algorithms/receipts.md.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assay.protocol.errors import Invalid
from assay.protocol.receipts.disputes import OTHER, Difference, Unfaithful
from assay.protocol.splitting import split

MOST: Final = 7
CHALLENGER_POINTS: Final = 5_000
"""Of a slashed bond, in basis points, for the evaluator who was right."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one operator signed of an evaluation."""

    operator: str
    root: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Which sides of a dispute were wrong; 0 is the first, 1 the second."""

    wrong: frozenset[int]

    @property
    def right(self) -> int | None:
        """The side that was right; None when neither was."""
        sides = {0, 1} - self.wrong
        return sides.pop() if len(sides) == 1 else None


@dataclass(frozen=True, slots=True)
class Slashed:
    """Where a bond goes, in base units; the parts sum to it."""

    challenger: int
    budget: int


def check_quorum(k: int) -> None:
    """Refuse a number of evaluators that no rule may ask for.

    Raises:
        Invalid: ``quorum_malformed``.
    """
    if not 1 <= k <= MOST:
        raise Invalid(
            "quorum_malformed",
            f"A competition asks for 1 to {MOST} evaluators, not {k}.",
            where="evaluators",
        )


def agreed(k: int, claims: Iterable[Claim]) -> str | None:
    """The root that ``k`` distinct operators signed; None while there is none.

    An operator who signed twice counts once for each root.
    """
    signed: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        signed[claim.root].add(claim.operator)
    enough = [root for root, operators in signed.items() if len(operators) >= k]
    # two at once need 2k operators, and then the dispute decides first
    return enough[0] if len(enough) == 1 else None


def judge(found: Difference | Unfaithful, truth: bytes | None) -> Judgement:
    """Who was wrong, given the referee's leaf hash of the example that differs.

    Args:
        truth: None when a side lost before any example had to be recomputed.

    Raises:
        Invalid: ``referee_missing`` when an example has to be.
    """
    if isinstance(found, Unfaithful):
        return Judgement(frozenset({found.side}))
    if truth is None:
        raise Invalid(
            "referee_missing", "The example that differs was not recomputed yet."
        )
    wrong = {side for side in range(OTHER + 1) if found.leaves[side] != truth}
    return Judgement(frozenset(wrong))


def slash(bond: int, *, challenged_rightly: bool) -> Slashed:
    """Divide a wrong evaluator's bond, exactly.

    Args:
        bond: base units.
        challenged_rightly: whether the other side was right; without one that was, all
            of it goes to the competition's budget.
    """
    if not challenged_rightly:
        return Slashed(challenger=0, budget=bond)
    points = (CHALLENGER_POINTS, 10_000 - CHALLENGER_POINTS)
    challenger, budget = split(bond, points)
    return Slashed(challenger, budget)
