"""Proof, by query, that the book is what it promises to be.

Every check looks at the tables themselves and trusts neither the services nor the
triggers that should have made a breach impossible.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.invariants import INVARIANTS, Invariant
from ledger.models import ChainLink

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what it says, whether it holds, and the figures behind it.

    ``figures`` has the number ``broken``, the ``rows`` there are, and up to five
    ``examples``.
    """

    name: str
    sentence: str
    ok: bool
    figures: Mapping[str, int | str] = field(default_factory=dict)


def verify(*, since: int = 0) -> list[Check]:
    """Check every invariant of the book; all of them, also after a breach.

    ``since`` takes transfers with a lower ``seq`` on trust.
    """
    return [_check(invariant, since) for invariant in INVARIANTS]


def published(number: int, head: str) -> Check:
    """Whether the chain had this head after that many transfers, as was published."""
    found = ChainLink.objects.filter(number=number).values_list("head", flat=True)
    stands = found.first()
    figures: dict[str, int | str] = {"broken": int(stands != head), "number": number}
    if stands != head:
        figures["found"] = stands or "none"
    return Check(
        "published_head",
        "The chain still has the head that was published.",
        ok=stands == head,
        figures=figures,
    )


def _check(invariant: Invariant, since: int) -> Check:
    broken = 0
    examples: list[str] = []
    for breach in invariant.breaches(since):
        broken += 1
        if len(examples) < EXAMPLES:
            examples.append(str(breach))
    figures: dict[str, int | str] = {"broken": broken}
    if invariant.looked_at is not None:
        figures["rows"] = invariant.looked_at._default_manager.count()  # noqa: SLF001 - Django's public spelling
    if examples:
        figures["examples"] = ", ".join(examples)
    return Check(invariant.name, invariant.sentence, ok=not broken, figures=figures)
