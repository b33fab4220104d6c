"""What a child may grant and must carry, given everybody who has a say.

Worked tables: docs/algorithms/lineage.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from assay.protocol.lineage.conflicts import (
    Conflict,
    conflicts,
    shares_of,
    shortest_first,
    standing,
)
from assay.protocol.lineage.parties import Party
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    NONCOMMERCIAL,
    Terms,
    Use,
    anniversary,
    read_tags,
)
from assay.protocol.waterfall import MAX_MODELS

MAX_LINEAGE: Final = MAX_MODELS


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that a child may grant, and what it carries whatever it grants.

    Attributes:
        widest: the widest terms that no party objects to; None when there are none.
        owed: (party, percent of income) for terms that allow commercial use, and
        owed_noncommercial for terms that do not; zeros left out.
        duties: (duty, party) pairs that pass through to the child's users.
        same_as: parties whose terms the child has to take over unchanged.
        conflicts: why there are no such terms, the shortest path first.
    """

    commercial: bool
    training: bool
    widest: Terms | None
    owed: tuple[tuple[str, Decimal], ...]
    owed_noncommercial: tuple[tuple[str, Decimal], ...]
    duties: tuple[tuple[str, str], ...]
    same_as: tuple[str, ...]
    required: tuple[Use, ...]
    ends: date | None
    conflicts: tuple[Conflict, ...]


def allowance(parties: Sequence[Party], *, on: date) -> Allowance:
    """What ``parties`` together leave to a child that is made on the day ``on``."""
    found = shortest_first(standing(parties))
    widest = None if found else _widest(parties, on)
    if widest is not None:
        found = conflicts(widest, parties, on=on)
        widest = None if found else widest
    return Allowance(
        commercial=all(p.commercial and p.derivation for p in parties),
        training=all(p.training and p.derivation for p in parties),
        widest=widest,
        owed=shares_of(parties, commercial=True),
        owed_noncommercial=shares_of(parties, commercial=False),
        duties=tuple(sorted((d, p.name) for p in parties for d in p.duties)),
        same_as=tuple(sorted(p.name for p in parties if p.same_tags is not None)),
        required=tuple(sorted({use for p in parties for use in p.required})),
        ends=min((p.ends for p in parties if p.ends is not None), default=None),
        conflicts=found,
    )


def _widest(parties: Sequence[Party], on: date) -> Terms | None:
    """The widest terms; the caller finds out whether they stand."""
    bound = next((p.same_tags for p in parties if p.same_tags is not None), None)
    if bound is not None:
        return read_tags(dict(bound)).terms
    commercial = all(p.commercial for p in parties)
    ends = min((p.ends for p in parties if p.ends is not None), default=None)
    return Terms(
        derivation=ALLOWED if commercial else NONCOMMERCIAL,
        commercial_use=ALLOWED if commercial else DENIED,
        training=ALLOWED if all(p.training for p in parties) else DENIED,
        unknown_rights_excluded=any(p.unknown_rights_excluded for p in parties),
        expiry_years=None if ends is None else _whole_years(on, ends),
    )


def _whole_years(start: date, end: date) -> int:
    """Full years from ``start`` that are over by ``end``; at least one."""
    years = max(end.year - start.year, 1)
    last = anniversary(start, years)
    return years - 1 if years > 1 and (last is None or last > end) else years
