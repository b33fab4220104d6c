"""Who is entitled to what of a model's income, through its contributors and ancestors.

A model keeps what it does not owe to its parents and divides it over its own shares;
each parent does the same with what it receives. Everything is an exact fraction until
the single rounding of ``distribute``. Worked tables: docs/royalties.md.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from assay.protocol.errors import Invalid
from assay.protocol.splitting import split

# Exact fractions grow with the depth of a lineage; this keeps a split under a second.
MAX_MODELS: Final = 256
MAX_ENTITLEMENTS: Final = 10_000
MAX_PARTS: Final = 10**9
MAX_PERCENT_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Node:
    """One model of a lineage.

    Attributes:
        shares: (payee, parts); what the model keeps is divided in these proportions.
        parents: (parent model, percent of everything this model receives).

    Raises:
        Invalid: ``waterfall_shares`` or ``waterfall_percent``.
    """

    model: str
    shares: tuple[tuple[str, int], ...]
    parents: tuple[tuple[str, Decimal], ...] = ()

    def __post_init__(self) -> None:
        self._check_shares()
        self._check_parents()

    @property
    def kept(self) -> Fraction:
        """The part of its income that the model does not owe to its parents."""
        return 1 - sum((_fraction(percent) for _, percent in self.parents), Fraction())

    def _check_shares(self) -> None:
        payees = [payee for payee, _ in self.shares]
        if len(set(payees)) < len(payees):
            raise _invalid("shares", self.model, "names a contributor twice")
        parts = [parts for _, parts in self.shares]
        if any(not 0 <= part <= MAX_PARTS for part in parts):
            raise _invalid(
                "shares", self.model, f"has shares outside 0 to {MAX_PARTS} parts"
            )
        if self.kept > 0 and not sum(parts):
            raise _invalid("shares", self.model, "keeps income that nobody receives")

    def _check_parents(self) -> None:
        models = [model for model, _ in self.parents]
        if len(set(models)) < len(models):
            raise _invalid("percent", self.model, "names a parent twice")
        if self.kept < 0:
            raise _invalid("percent", self.model, "owes more than 100 % to its parents")


@dataclass(frozen=True, slots=True)
class Entitlement:
    """``fraction`` of every payment to the root model belongs to ``payee``."""

    payee: str
    model: str
    fraction: Fraction


@dataclass(frozen=True, slots=True)
class Payment:
    """Base units that ``payee`` receives for its share in ``model``; may be zero."""

    payee: str
    model: str
    amount: int


def entitlements(root: str, nodes: Iterable[Node]) -> tuple[Entitlement, ...]:
    """Exact fractions of ``root``'s income; they are positive and sum to 1.

    Models come descendants first, in the order in which parents are named; within a
    model, payees come in the order of its shares. Models that ``root`` does not
    descend from are ignored. A payee appears once for each model it has a share in.

    Raises:
        Invalid: ``waterfall_duplicate``, ``waterfall_unknown``, ``waterfall_cycle``
            or ``waterfall_size``.
    """
    order = _descendants_first(root, _by_model(nodes))
    income = dict.fromkeys((node.model for node in order), Fraction())
    income[root] = Fraction(1)
    due: list[Entitlement] = []
    for node in order:
        for parent, percent in node.parents:
            income[parent] += income[node.model] * _fraction(percent)
        due.extend(_own_entitlements(node, income[node.model]))
    if len(due) > MAX_ENTITLEMENTS:
        raise Invalid(
            "waterfall_size",
            f"The income would go to {len(due)} shares, of {MAX_ENTITLEMENTS} at most.",
        )
    return tuple(due)


def distribute(amount: int, due: Sequence[Entitlement]) -> tuple[Payment, ...]:
    """``amount`` base units over ``due``, in its order, with one rounding.

    Largest remainder, ties to the earliest entitlement; the payments sum to
    ``amount`` and each is less than one unit from its exact share.

    Raises:
        Invalid: ``waterfall_fractions`` unless the fractions are positive and sum to
            1; ``split_amount`` when the amount is negative.
    """
    whole = math.lcm(*(entitlement.fraction.denominator for entitlement in due))
    weights = [
        entitlement.fraction.numerator * (whole // entitlement.fraction.denominator)
        for entitlement in due
    ]
    if sum(weights) != whole or min(weights, default=0) <= 0:
        raise Invalid(
            "waterfall_fractions", "Entitlements must be positive and sum to the whole."
        )
    amounts = split(amount, weights)
    return tuple(
        Payment(entitlement.payee, entitlement.model, units)
        for entitlement, units in zip(due, amounts, strict=True)
    )


def _own_entitlements(node: Node, income: Fraction) -> list[Entitlement]:
    kept = income * node.kept
    if not kept:
        return []
    above, below = kept.numerator, kept.denominator
    below *= sum(parts for _, parts in node.shares)
    return [
        Entitlement(payee, node.model, Fraction(above * parts, below))
        for payee, parts in node.shares
        if parts
    ]


def _by_model(nodes: Iterable[Node]) -> dict[str, Node]:
    known: dict[str, Node] = {}
    for node in nodes:
        if node.model in known:
            raise _invalid("duplicate", node.model, "is there twice")
        known[node.model] = node
    return known


def _descendants_first(root: str, known: Mapping[str, Node]) -> list[Node]:
    """The root and its ancestors, each after all of its descendants (Kahn, 1962)."""
    reached = _reach(root, known)
    waiting = dict.fromkeys(reached, 0)
    for node in reached.values():
        for parent, _ in node.parents:
            waiting[parent] += 1
    ready = deque([root] if waiting[root] == 0 else [])
    order: list[Node] = []
    while ready:
        node = reached[ready.popleft()]
        order.append(node)
        for parent, _ in node.parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    if len(order) < len(reached):
        done = {node.model for node in order}
        raise _cycle({m: n for m, n in reached.items() if m not in done})
    return order


def _reach(root: str, known: Mapping[str, Node]) -> dict[str, Node]:
    reached: dict[str, Node] = {}
    ahead = [root]
    while ahead:
        model = ahead.pop()
        if model in reached:
            continue
        if model not in known:
            raise _invalid("unknown", model, "is not known")
        reached[model] = known[model]
        if len(reached) > MAX_MODELS:
            raise _invalid("size", root, f"has more than {MAX_MODELS - 1} ancestors")
        ahead.extend(parent for parent, _ in known[model].parents)
    return reached


def _cycle(stuck: Mapping[str, Node]) -> Invalid:
    """The refusal that names one cycle among ``stuck``.

    Every stuck model waits for a stuck descendant, so walking from parent to child
    must come back to where it has been.
    """
    child_of = {parent: n.model for n in stuck.values() for parent, _ in n.parents}
    model = min(stuck)
    walked: list[str] = []
    while model not in walked:
        walked.append(model)
        model = child_of[model]
    circle = [*walked[walked.index(model) :], model]
    return Invalid(
        "waterfall_cycle",
        f"A model cannot descend from itself: {' → '.join(reversed(circle))}.",
        fix="Remove one of the declared parents.",
        where=model,
    )


def _fraction(percent: Decimal) -> Fraction:
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise Invalid("waterfall_percent", "A percentage lies between 0 and 100.")
    if percent and percent.adjusted() < -MAX_PERCENT_DECIMALS:
        raise _too_fine()
    fraction = Fraction(percent) / 100
    if (fraction * 100 * 10**MAX_PERCENT_DECIMALS).denominator != 1:
        raise _too_fine()
    return fraction


def _too_fine() -> Invalid:
    return Invalid(
        "waterfall_percent",
        f"A percentage has at most {MAX_PERCENT_DECIMALS} decimals.",
    )


def _invalid(code: str, model: str, fault: str) -> Invalid:
    return Invalid(f"waterfall_{code}", f"Model {model} {fault}.", where=model)
