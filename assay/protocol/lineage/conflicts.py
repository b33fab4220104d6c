"""What stands against a child: alone, in pairs and all together.

None of it depends on the order of the parties, and one party more never takes a
conflict away.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Final

from assay.protocol.lineage.parties import ZERO, Party, same_tags
from assay.protocol.terms import Right, Terms, Use, anniversary, decide
from assay.protocol.terms.grammar import grant_text

_WHERE_TERMS: Final = "terms"
_WHERE_PARENTS: Final = "parents"
_CHANGE_TERMS: Final = "Change your terms; `assay terms explain FILE` shows them."
_OTHER_PARENT: Final = "Build on another model, or ask its owner for other terms."


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """Why a child cannot be: the parties whose wishes do not go together.

    Attributes:
        path: the parties' names, sorted; the shorter, the easier to mend.
    """

    path: tuple[str, ...]
    code: str
    sentence: str
    fix: str = _OTHER_PARENT
    where: str = _WHERE_PARENTS


def conflicts(
    child: Terms, parties: Sequence[Party], *, on: date
) -> tuple[Conflict, ...]:
    """Everything that stands against a child with these terms, shortest path first."""
    found = [*standing(parties), *_asked(child, parties, on)]
    return shortest_first(found)


def owed(child: Terms, party: Party) -> Decimal:
    """Percent of the child's income that ``party`` asks for."""
    return party.commercial_share if _is_commercial(child) else party.share


def shortest_first(found: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """Without repetition, the easiest to mend first."""
    return tuple(sorted(set(found), key=lambda c: (len(c.path), c)))


def _is_commercial(child: Terms) -> bool:
    """On any day: what a window opens later is asked for now."""
    return any(grant.allowed for grant in child.grants_of(Right.COMMERCIAL_USE))


def _trains(child: Terms) -> bool:
    return any(grant.allowed for grant in child.grants_of(Right.TRAINING))


def standing(parties: Sequence[Party]) -> Iterator[Conflict]:
    """What no choice of terms can mend."""
    for party in parties:
        yield from _unusable(party)
    for one, other in combinations(parties, 2):
        yield from _irreconcilable(one, other)
    yield from _too_much(parties, commercial=False)


def _unusable(party: Party) -> Iterator[Conflict]:
    if not party.derivation:
        yield Conflict(
            (party.name,),
            "parent_forbids_derivation",
            f"{party.name} does not allow derivation: {party.words('derivation')}",
        )
    if party.foreign_licence:
        yield Conflict(
            (party.name,),
            "parent_keeps_its_licence",
            f"What is built on {party.name} must stay under {party.foreign_licence}, "
            "and terms here are UDL terms.",
            "Build on a model whose licence lets you choose your own.",
        )


def _irreconcilable(one: Party, other: Party) -> Iterator[Conflict]:
    names = tuple(sorted((one.name, other.name)))
    if (
        None not in (one.same_tags, other.same_tags)
        and one.same_tags != other.same_tags
    ):
        yield Conflict(
            names,
            "parents_disagree",
            f"{names[0]} and {names[1]} each want their own terms to be passed on "
            f"unchanged, and theirs differ in {_differences(one, other)}.",
            "Leave one of them out.",
        )
    for asking, limiting in ((one, other), (other, one)):
        if _NEEDS_COMMERCIAL & set(asking.required) and not limiting.commercial:
            yield Conflict(
                names,
                "parent_breaks_licence_rule",
                f"{asking.name} asks that commercial use be allowed, and "
                f"{limiting.name} does not let its children allow it: "
                f"{limiting.words('commercial')}",
            )
        if Use.TRAINING in asking.required and not limiting.training:
            yield Conflict(
                names,
                "parent_breaks_licence_rule",
                f"{asking.name} asks that training be allowed, and {limiting.name} "
                f"does not let its children allow it: {limiting.words('training')}",
            )


_NEEDS_COMMERCIAL: Final = frozenset({Use.COMMERCIAL, Use.COMMERCIAL_DERIVATION})


def _differences(one: Party, other: Party) -> str:
    differing = set(one.same_tags or ()) ^ set(other.same_tags or ())
    return ", ".join(sorted({tag for tag, _ in differing}))


def _too_much(parties: Sequence[Party], *, commercial: bool) -> Iterator[Conflict]:
    """The fewest parties whose shares together are more than everything."""
    ordered = sorted(shares_of(parties, commercial=commercial), key=lambda s: -s[1])
    total = ZERO
    for count, (_, percent) in enumerate(ordered, start=1):
        total += percent
        if total > 100:
            names = tuple(sorted(name for name, _ in ordered[:count]))
            yield Conflict(
                names,
                "parents_owed_too_much",
                f"{_listed(names)} together ask for {total:f} % of the income.",
                "Derive from fewer of them.",
            )
            return


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def shares_of(
    parties: Sequence[Party], *, commercial: bool
) -> tuple[tuple[str, Decimal], ...]:
    """(party, percent of the income) of all that ask for some."""
    shares = (
        (party.name, party.commercial_share if commercial else party.share)
        for party in parties
    )
    return tuple(sorted(share for share in shares if share[1]))


def _asked(child: Terms, parties: Sequence[Party], on: date) -> Iterator[Conflict]:
    """What stands against these terms, and might not against others."""
    for party in parties:
        if party.derivation:
            yield from _beyond(child, party, on)
        yield from _missing(child, party, on)
    if _is_commercial(child):
        yield from _too_much(parties, commercial=True)


def _beyond(child: Terms, party: Party, on: date) -> Iterator[Conflict]:
    if _is_commercial(child) and not party.commercial:
        yield _forbidden(party, child, Right.COMMERCIAL_USE, "commercial")
    if party.same_tags is not None:
        # Whoever wants the same licence has said with it all that may be granted.
        yield from _not_the_same(child, party)
        return
    if _trains(child) and not party.training:
        yield _forbidden(party, child, Right.TRAINING, "training")
    if party.unknown_rights_excluded and not child.unknown_rights_excluded:
        yield Conflict(
            (party.name,),
            "parent_excludes_unknown_rights",
            f"{party.name} excludes rights that are not known yet; your terms do not.",
            "Add Unknown-Usage-Rights: Excluded.",
            _WHERE_TERMS,
        )
    yield from _outliving(child, party, on)


_FORBIDDEN: Final = {
    "commercial": "parent_forbids_derivation",
    "training": "parent_forbids_training",
}


def _forbidden(party: Party, child: Terms, right: Right, subject: str) -> Conflict:
    asked = next(grant for grant in child.grants_of(right) if grant.allowed)
    return Conflict(
        (party.name,),
        _FORBIDDEN[subject],
        f"The terms of {party.name} do not let a model that is built on it grant this: "
        f"{party.words(subject)}; you asked for {right}: {grant_text(asked)}.",
        "Leave that right out of your terms, or build on another model.",
        _WHERE_TERMS,
    )


def _not_the_same(child: Terms, party: Party) -> Iterator[Conflict]:
    wanted, given = dict(party.same_tags or ()), dict(same_tags(child))
    for tag in sorted(wanted.keys() | given.keys()):
        if wanted.get(tag) != given.get(tag):
            yield Conflict(
                (party.name,),
                "parent_passes_its_licence_on",
                f"{party.name} allows derivation only with License-Passthrough, under "
                f"{tag}: {wanted.get(tag, 'not granted')}; you asked for "
                f"{tag}: {given.get(tag, 'nothing')}.",
                f"Take over the terms of {party.name}, or build on another model.",
                _WHERE_TERMS,
            )


def _outliving(child: Terms, party: Party, on: date) -> Iterator[Conflict]:
    if party.ends is None:
        return
    years = child.expiry_years
    end = anniversary(on, years) if years is not None else None
    if end is None or end > party.ends:
        yield Conflict(
            (party.name,),
            "parent_terms_end",
            f"The terms of {party.name} end on {party.ends.isoformat()}; yours would "
            f"{'not end' if end is None else 'end on ' + end.isoformat()}.",
            "Set an Expiry that ends no later.",
            _WHERE_TERMS,
        )


def _missing(child: Terms, party: Party, on: date) -> Iterator[Conflict]:
    for use in party.required:
        decision = decide(child, use, on=on, granted=on)
        if not decision.allowed:
            yield Conflict(
                (party.name,),
                "terms_break_licence_rule",
                f"{party.name} asks that {use} be allowed, for a fee or free: "
                + " ".join(decision.reasons),
                _CHANGE_TERMS,
                _WHERE_TERMS,
            )
