"""Whose child an entry is, and what its terms may then say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from assay.protocol.errors import Invalid
from assay.protocol.lineage import (
    Allowance,
    Conflict,
    Party,
    Relation,
    allowance,
    competition_party,
    conflicts,
    declared_parent,
    owed,
)
from assay.protocol.terms import Use, read_tags
from catalogue.models import ExternalModel, Model
from catalogue.selectors import external_by_reference, model_by_reference, parties_of
from catalogue.services import canonical_terms
from competitions.models import Competition


@dataclass(frozen=True)
class DeclaredParents:
    """What an entry says that it was derived from."""

    models: Sequence[Model]
    externals: Sequence[ExternalModel]
    relations: Mapping[str, Relation]


@dataclass(frozen=True)
class Preview:
    """What an entry's terms may say, and what stands against some of them.

    Attributes:
        left: the most that parents and licence rule leave to the entry.
        conflicts: why ``terms``, or any at all, would be refused.
        owed: (parent, percent of the income as text), as ``terms`` would owe it.
    """

    left: Allowance
    conflicts: Sequence[Conflict]
    owed: Sequence[tuple[str, str]]


def licence_rule(competition: Competition) -> Party:
    """The competition as one more party with a say in an entry's terms."""
    uses = [Use(use) for use in competition.required_uses]
    return competition_party(f"The competition {competition.slug}", uses)


def declared_parents(
    *, miner: User | None, competition: Competition, kind: str, texts: Sequence[str]
) -> DeclaredParents:
    """The parents by reference; the base model when none is named.

    Raises:
        NotFound: the miner sees no such model.
        Invalid: a relation is unknown, a parent is named twice, or an adapter leaves
            out what it is put on.
    """
    named = [declared_parent(text) for text in texts]
    if not named:
        return DeclaredParents([competition.base_model], [], {})
    references = [one.reference for one in named]
    if len(set(references)) < len(references):
        twice = next(r for r in references if references.count(r) > 1)
        raise Invalid(
            "manifest_twice",
            f"The parent {twice[:80]!r} is given twice.",
            where="parents",
        )
    models = [
        model_by_reference(reference=one.reference, viewer=miner)
        for one in named
        if not one.is_external
    ]
    if kind == Model.Kind.ADAPTER and competition.base_model not in models:
        raise Invalid(
            "adapter_without_base",
            f"An adapter here is put on {competition.base_model.reference}, so that "
            "is one of its parents.",
            fix="Name it among the parents, or name none.",
            where="parents",
        )
    return DeclaredParents(
        models,
        [external_by_reference(one.reference) for one in named if one.is_external],
        {one.reference: one.relation for one in named if one.relation is not None},
    )


def preview(
    *,
    miner: User | None,
    competition: Competition,
    kind: str,
    parents: Sequence[str],
    terms: Mapping[str, str] | None,
    now: datetime,
) -> Preview:
    """What would be said of an entry's terms if it were submitted now.

    Raises:
        NotFound, Invalid: as ``declared_parents``; or the terms cannot be read.
    """
    declared = declared_parents(
        miner=miner, competition=competition, kind=kind, texts=parents
    )
    day = now.date()
    above = parties_of(declared.models, declared.externals, on=day)
    parties = [*above, licence_rule(competition)]
    left = allowance(parties, on=day)
    if terms is None:
        return Preview(left, left.conflicts, ())
    asked = read_tags(canonical_terms(terms)).terms
    shares = ((party.name, owed(asked, party)) for party in above)
    return Preview(
        left,
        conflicts(asked, parties, on=day),
        [(name, f"{percent.normalize():f}") for name, percent in shares if percent],
    )
