"""A leaderboard as it is drawn: the baseline in its place, intervals to scale."""

from collections.abc import Iterator
from dataclasses import dataclass

from competitions.selectors import Baseline, Board, BoardRow

WIDTH = 120
MARGIN = 6


@dataclass(frozen=True)
class Whisker:
    """Positions on a rail of 120 units that all lines share."""

    left: float
    right: float
    dot: float
    baseline: float | None


@dataclass(frozen=True)
class Line:
    """One line of the board; the baseline's has no row."""

    score: float
    low: float
    high: float
    whisker: Whisker
    row: BoardRow | None = None


def lines(board: Board) -> list[Line]:
    """Entries in the board's order, the baseline after all that are not below it."""
    scale = _Scale.over(list(_bounds(board)))
    drawn = [_line(row, board, scale, row=row) for row in board.rows]
    if board.baseline is None:
        return drawn
    base = board.baseline
    above = sum(row.score >= base.score for row in board.rows)
    drawn.insert(above, _line(base, board, scale))
    return drawn


def _bounds(board: Board) -> Iterator[float]:
    for row in board.rows:
        yield from (row.low, row.high)
    if board.baseline is not None:
        yield from (board.baseline.low, board.baseline.high)


@dataclass(frozen=True)
class _Scale:
    least: float
    span: float

    @classmethod
    def over(cls, values: list[float]) -> "_Scale":
        least, most = min(values, default=0.0), max(values, default=1.0)
        return cls(least, (most - least) or 1.0)

    def at(self, value: float) -> float:
        inner = WIDTH - 2 * MARGIN
        return round(MARGIN + inner * (value - self.least) / self.span, 1)


def _line(
    measured: BoardRow | Baseline,
    board: Board,
    scale: _Scale,
    *,
    row: BoardRow | None = None,
) -> Line:
    base = board.baseline
    return Line(
        score=measured.score,
        low=measured.low,
        high=measured.high,
        whisker=Whisker(
            left=scale.at(measured.low),
            right=scale.at(measured.high),
            dot=scale.at(measured.score),
            baseline=scale.at(base.score) if base else None,
        ),
        row=row,
    )
