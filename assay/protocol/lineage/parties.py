"""Whoever has a say in a child's terms: parents here, parents elsewhere, a competition.

Each is brought into one form, so that the same computation serves them all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from assay.protocol.licences import Demand, known_licence, unknown_licence
from assay.protocol.terms import (
    Condition,
    Decision,
    Grant,
    Right,
    Terms,
    Use,
    anniversary,
    decide,
    write_tags,
)
from assay.protocol.terms.grammar import grant_text

ZERO: Final = Decimal(0)
# Where and to whom a fee goes differs from work to work under one licence.
PAYMENT_TAGS: Final = frozenset({"Currency", "Payment-Address", "Payment-Mode"})


@dataclass(frozen=True, slots=True)
class Party:
    """What one of them allows and asks for, on the day on which the child is made.

    Attributes:
        derivation: whether a child may exist at all.
        commercial: whether a child may be used commercially.
        training: whether others may train on a child.
        share: percent of a child's income owed to it.
        commercial_share: the same, when the child may be used commercially.
        duties: what users of a child owe besides money.
        same_tags: the tags that a child must carry unchanged; None when it is free.
        foreign_licence: a licence that no terms here can stand for, to be kept.
        ends: the first day on which its terms hold no longer.
        required: uses that a child's terms must allow, for a fee or free.
        says: its own words by subject, for sentences.
    """

    name: str
    derivation: bool = True
    commercial: bool = True
    training: bool = True
    share: Decimal = ZERO
    commercial_share: Decimal = ZERO
    duties: tuple[str, ...] = ()
    same_tags: tuple[tuple[str, str], ...] | None = None
    foreign_licence: str = ""
    ends: date | None = None
    required: tuple[Use, ...] = ()
    unknown_rights_excluded: bool = False
    says: tuple[tuple[str, str], ...] = ()

    def words(self, subject: str) -> str:
        """What it says of ``subject``: derivation, commercial or training."""
        return dict(self.says).get(subject, "")


def parent_party(name: str, terms: Terms, *, granted: date, on: date) -> Party:
    """A model of the catalogue, by its terms; they began on ``granted``."""
    plain = _decide(terms, Use.DERIVATION, granted, on)
    commercial = _decide(terms, Use.COMMERCIAL_DERIVATION, granted, on)
    training = _decide(terms, Use.TRAINING, granted, on)
    years = terms.expiry_years
    return Party(
        name=name,
        derivation=_is_free(plain),
        commercial=_is_free(commercial),
        training=_is_free(training),
        share=plain.revenue_share or ZERO,
        commercial_share=commercial.revenue_share or ZERO,
        duties=_union(plain.duties, commercial.duties),
        same_tags=same_tags(terms) if _passes_on(terms) else None,
        ends=anniversary(granted, years) if years is not None else None,
        unknown_rights_excluded=terms.unknown_rights_excluded,
        says=(
            ("derivation", _said(terms.derivation, plain)),
            ("commercial", _said_commercial(terms, commercial)),
            ("training", _said(terms.training, training)),
        ),
    )


def external_party(name: str, licence: str) -> Party:
    """A model outside the platform, by what is known of its licence: doubt is no."""
    facts = known_licence(licence) or unknown_licence(licence)
    derivation = facts.derivatives is True
    word = f"its licence is {facts.name}"
    demands = facts.demands - {Demand.SAME_LICENCE}
    limits = [
        *(["use-limits"] if facts.use_limits else []),
        *(["user-limit"] if facts.user_threshold is not None else []),
        *(["revenue-limit"] if facts.revenue_threshold is not None else []),
    ]
    return Party(
        name=name,
        derivation=derivation,
        commercial=derivation and facts.commercial is True,
        training=derivation and facts.training is True,
        duties=(*sorted(demand.value for demand in demands), *limits),
        foreign_licence=facts.name if facts.share_alike else "",
        says=(("derivation", word), ("commercial", word), ("training", word)),
    )


def competition_party(name: str, required: Iterable[Use]) -> Party:
    """A competition's licence rule: uses that every entry's terms must allow."""
    return Party(name=name, required=tuple(sorted(required)))


def same_tags(terms: Terms) -> tuple[tuple[str, str], ...]:
    """The tags of ``terms`` that two works under the same licence share."""
    tags = write_tags(terms)
    return tuple(sorted((k, v) for k, v in tags.items() if k not in PAYMENT_TAGS))


def _decide(terms: Terms, use: Use, granted: date, on: date) -> Decision:
    return decide(terms, use, on=on, granted=granted)


def _is_free(decision: Decision) -> bool:
    """Allowed without a fee, which a model that is not sold yet cannot owe."""
    return decision.allowed and not decision.prices


def _passes_on(terms: Terms) -> bool:
    """Whether derivation is granted under passthrough, on any day."""
    grants = terms.grants_of(Right.DERIVATION)
    return any(grant.condition is Condition.PASSTHROUGH for grant in grants)


def _said(grant: Grant, decision: Decision) -> str:
    if decision.allowed and decision.prices:
        return f"{grant_text(grant)}, a fee that an unsold model cannot owe"
    if decision.allowed or grant.allowed:
        return _granted(grant)
    return " ".join(decision.reasons)


def _said_commercial(terms: Terms, decision: Decision) -> str:
    """Why a child may not earn: for want of one right or of the other."""
    if terms.derivation.condition is Condition.NONCOMMERCIAL:
        return "it allows derivation for non-commercial purposes only"
    return f"Commercial-Use: {_said(terms.commercial_use, decision)}"


def _granted(grant: Grant) -> str:
    if grant.condition is Condition.NONCOMMERCIAL:
        return "non-commercial only"
    return grant_text(grant)


def _union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for group in groups for word in group))
