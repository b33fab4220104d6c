"""What a machine can know of a licence without reading its text.

Facts are no advice: they say what the text lets everybody do, as far as it is known
here. ``None`` is "not known", and whoever decides by it treats it as no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Demand(StrEnum):
    """What a licence asks in return."""

    CREDIT = "credit"
    INDICATE_CHANGES = "indicate-changes"
    SAME_LICENCE = "same-licence"
    SOURCE = "source"
    NAMING = "naming"
    FLOW_DOWN = "flow-down"


@dataclass(frozen=True, slots=True)
class Facts:
    """One licence, or several that bind together.

    Attributes:
        name: its SPDX or Hugging Face id; several are joined by AND.
        source: where its text or its official record is.
        commercial: whether commercial use is allowed to everybody below the thresholds.
        derivatives: whether changed versions may be made and passed on.
        training: whether its text lets one train other models with the work.
        demands: what is asked in return.
        use_limits: whether some purposes are forbidden to everybody.
        user_threshold: monthly active users above which another licence is needed.
        revenue_threshold: yearly revenue in US dollars above which one is needed.
    """

    name: str
    source: str
    commercial: bool | None
    derivatives: bool | None
    training: bool | None = None
    demands: frozenset[Demand] = frozenset()
    use_limits: bool = False
    user_threshold: int | None = None
    revenue_threshold: int | None = None

    @property
    def share_alike(self) -> bool:
        """Whether derivatives must stay under the same licence."""
        return Demand.SAME_LICENCE in self.demands

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return self.commercial is not None or self.derivatives is not None


def unknown_licence(name: str) -> Facts:
    """Facts of a licence that is not known here: nothing is allowed by them."""
    return Facts(name, "", commercial=None, derivatives=None)


def merged(parts: Sequence[Facts]) -> Facts:
    """Several licences that all bind at once: the narrowest answer of each."""
    if len(parts) == 1:
        return parts[0]
    return Facts(
        name=" AND ".join(part.name for part in parts),
        source=" ".join(part.source for part in parts if part.source),
        commercial=_all([part.commercial for part in parts]),
        derivatives=_all([part.derivatives for part in parts]),
        training=_all([part.training for part in parts]),
        demands=frozenset[Demand]().union(*(part.demands for part in parts)),
        use_limits=any(part.use_limits for part in parts),
        user_threshold=_least([part.user_threshold for part in parts]),
        revenue_threshold=_least([part.revenue_threshold for part in parts]),
    )


def _all(answers: Sequence[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _least(limits: Sequence[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
