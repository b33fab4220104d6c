"""What each rank would get, as bars in percent of the purse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.protocol import prizes
from assay.protocol.simulation import Line, Outcome

ROW, BAR, LEFT, LONGEST = 24, 14, 88, 150
MOST_BARS = 12


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how long it is, and what is written beside it."""

    name: str
    y: int
    length: float
    percent: str
    is_returned: bool = False

    @property
    def middle(self) -> int:
        """The line on which its texts stand."""
        return self.y + BAR - 3

    @property
    def beside(self) -> float:
        """Where the figure beside it begins."""
        return LEFT + self.length + 6


@dataclass(frozen=True)
class Chart:
    """The bars, and every line for the table under them."""

    told: str
    purse: int
    bars: Sequence[Bar]
    lines: Sequence[Line]
    returned: int
    hidden: int
    height: int


def chart_of(outcome: Outcome) -> Chart:
    """Bars for who earns, best first, then for who does not, as far as they fit."""
    purse = outcome.returned + sum(line.amount for line in outcome.lines)
    shown = sorted(outcome.lines, key=lambda line: not line.amount)[:MOST_BARS]
    in_order = [line for line in outcome.lines if line in shown]
    bars = list(_bars(in_order, outcome.returned, purse))
    return Chart(
        told=prizes.describe(outcome.rule, outcome.options),
        purse=purse,
        bars=bars,
        lines=in_order,
        returned=outcome.returned,
        hidden=len(outcome.lines) - len(in_order),
        height=ROW * len(bars),
    )


def _bars(lines: Sequence[Line], returned: int, purse: int) -> Iterator[Bar]:
    for place, line in enumerate(lines):
        name = _short(line.entry if line.rank is None else f"{line.rank}. {line.entry}")
        yield Bar(name, ROW * place + 4, *_extent(line.amount, purse))
    last = ROW * len(lines) + 4
    yield Bar("returned", last, *_extent(returned, purse), is_returned=True)


def _extent(amount: int, purse: int) -> tuple[float, str]:
    """Length on a scale that ends with the whole purse, and percent to a tenth."""
    thousandths = amount * 1000 // purse if purse else 0
    return thousandths * LONGEST / 1000, f"{thousandths / 10:.1f}"


def _short(name: str) -> str:
    return name if len(name) <= 13 else f"{name[:12]}…"
