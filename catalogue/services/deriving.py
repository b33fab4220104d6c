"""Edges of the lineage: what a child owes and carries, or why it cannot be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from assay.protocol.errors import Invalid
from assay.protocol.lineage import (
    MAX_LINEAGE,
    Conflict,
    Party,
    Relation,
    conflicts,
    owed,
)
from assay.protocol.terms import Terms, read_tags
from assay.protocol.waterfall import MAX_ENTITLEMENTS
from catalogue.models import Contributor, ExternalModel, ExternalParent, Model, Parent
from catalogue.selectors import ancestry, parties_of

FINEST_PERCENT = Decimal("0.000001")


class LineageRefused(Invalid):
    """Parents, rules and terms that do not go together; ``conflicts`` lists why."""

    def __init__(self, found: Sequence[Conflict]) -> None:
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(
            first.code, f"{first.sentence}{more}", fix=first.fix, where=first.where
        )
        self.conflicts = tuple(found)


@dataclass(frozen=True)
class Derivation:
    """What a model was derived from, each with how."""

    parents: Mapping[Model, Relation] = field(default_factory=dict)
    externals: Mapping[ExternalModel, Relation] = field(default_factory=dict)

    def statements(self) -> tuple[str, ...]:
        """As the manifest states it: ``reference:relation``, in the order given."""
        return (
            *(f"{one.reference}:{relation}" for one, relation in self.parents.items()),
            *(
                f"{one.reference}:{relation}"
                for one, relation in self.externals.items()
            ),
        )


@dataclass(frozen=True)
class Edges:
    """The rows of a lineage that was accepted, not yet kept."""

    parents: tuple[Parent, ...]
    externals: tuple[ExternalParent, ...]

    def keep(self, child: Model) -> None:
        """Write them, now that there is a child."""
        for edge in self.parents:
            edge.child = child
        for outside in self.externals:
            outside.child = child
        Parent.objects.bulk_create(self.parents)
        ExternalParent.objects.bulk_create(self.externals)


def derive(
    lineage: Derivation,
    tags: Mapping[str, str],
    *,
    shares: int,
    rules: Sequence[Party],
    now: datetime,
) -> Edges:
    """The edges of a child with these canonical tags.

    Args:
        shares: how many contributors the child has.

    Raises:
        LineageRefused: its terms do not go with its parents and ``rules``.
        Invalid: a share is too fine, or the lineage too large to be paid out.
    """
    terms = read_tags(tags).terms
    parties = parties_of(lineage.parents, lineage.externals, on=now.date())
    found = conflicts(terms, [*parties, *rules], on=now.date())
    if found:
        raise LineageRefused(found)
    require_payable(lineage.parents, shares=shares)
    edges = dict(zip([*lineage.parents, *lineage.externals], parties, strict=True))
    return Edges(
        parents=tuple(
            Parent(
                parent=parent,
                relation=relation,
                revenue_percent=_kept_exactly(edges[parent], terms),
                duties=list(edges[parent].duties),
            )
            for parent, relation in lineage.parents.items()
        ),
        externals=tuple(
            ExternalParent(
                external=one, relation=relation, duties=list(edges[one].duties)
            )
            for one, relation in lineage.externals.items()
        ),
    )


def require_payable(parents: Mapping[Model, Relation], *, shares: int) -> None:
    """Refuse at once what no payment could be split over.

    Raises:
        Invalid: ``lineage_too_large``.
    """
    above = ancestry(parents)
    entitled = shares + Contributor.objects.filter(model__in=above).count()
    for what, count, most in _sizes(len(above) + 1, entitled):
        if count > most:
            raise Invalid(
                "lineage_too_large",
                f"The lineage would have {count} {what}; a royalty is split over "
                f"{most} at most.",
                fix="Build on a model with fewer ancestors.",
                where="parents",
            )


def _sizes(models: int, entitled: int) -> Iterator[tuple[str, int, int]]:
    yield "models", models, MAX_LINEAGE
    yield "contributor shares", entitled, MAX_ENTITLEMENTS


def _kept_exactly(party: Party, terms: Terms) -> Decimal:
    """The percent itself, when the waterfall can count with it."""
    percent = owed(terms, party)
    if percent != percent.quantize(FINEST_PERCENT):
        raise Invalid(
            "parent_share_too_fine",
            f"The terms of {party.name} ask for {percent:f} %, which is finer "
            "than the millionth of a percent that is counted here.",
            fix="Build on another model, or ask its owner for other terms.",
            where="parents",
        )
    return percent
