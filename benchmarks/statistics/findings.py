"""What a simulation found, beside the target that it had to meet."""

from collections.abc import Sequence
from dataclasses import dataclass

UNBOUNDED = None


@dataclass(frozen=True)
class Finding:
    """A figure; ``at_most`` or ``at_least`` where it has a target."""

    part: str
    what: str
    figure: float
    at_most: float | None = UNBOUNDED
    at_least: float | None = UNBOUNDED
    unit: str = "%"

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of its target, if it has one."""
        low = self.at_least is None or self.figure >= self.at_least
        return low and (self.at_most is None or self.figure <= self.at_most)

    @property
    def target(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return "" if self.at_least is None else f">= {self.at_least:g}"


def table(findings: Sequence[Finding]) -> str:
    """Return the findings as lines of text."""
    width = max(len(found.what) for found in findings)
    lines = []
    for found in findings:
        word = ("ok" if found.met else "MISSED") if found.target else ""
        figure = f"{found.figure:.2f} {found.unit}"
        lines.append(
            f"{found.part:<7} {found.what:<{width}} {figure:>14}"
            f"  {found.target:<9} {word}".rstrip()
        )
    return "\n".join(lines)
