"""A lineage as a picture: ancestors above, the model, what was derived below."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from catalogue.models import Model, Parent
from catalogue.selectors import Ancestor

WIDTH, HEIGHT = 190, 44
ACROSS, DOWN = 210, 84
WIDEST = 4
"""Boxes a row; what is more is named in the list below the picture."""


@dataclass(frozen=True)
class Box:
    """One model at its place; ``x`` and ``y`` are its upper left corner."""

    model: Model
    x: int
    y: int
    is_this: bool = False

    @property
    def middle(self) -> int:
        """Half its width from the left of the picture."""
        return self.x + WIDTH // 2

    @property
    def name(self) -> str:
        """Its reference, cut to what fits."""
        reference = self.model.reference
        return reference if len(reference) <= 24 else f"{reference[:23]}…"


@dataclass(frozen=True)
class Line:
    """From a parent's foot to a child's head, with what is owed on it."""

    x1: int
    y1: int
    x2: int
    y2: int
    label: str

    @property
    def label_x(self) -> int:
        """Where the label stands."""
        return (self.x1 + self.x2) // 2 + 6

    @property
    def label_y(self) -> int:
        """Where the label stands."""
        return (self.y1 + self.y2) // 2


@dataclass(frozen=True)
class Picture:
    """Boxes and lines, and the size of all of it."""

    boxes: Sequence[Box]
    lines: Sequence[Line]
    width: int
    height: int


def picture_of(
    model: Model, ancestors: Sequence[Ancestor], children: Sequence[Model]
) -> Picture | None:
    """The picture; None for a model that stands alone."""
    if not ancestors and not children:
        return None
    depth = max((one.depth for one in ancestors), default=0)
    rows = [
        [one.model for one in ancestors if one.depth == level]
        for level in range(depth, 0, -1)
    ]
    rows += [[model], list(children)]
    shown = [row[:WIDEST] for row in rows if row]
    width = max(len(row) for row in shown) * ACROSS
    boxes = {
        one.pk: Box(one, _left(column, len(row), width), level * DOWN, one == model)
        for level, row in enumerate(shown)
        for column, one in enumerate(row)
    }
    height = len(shown) * DOWN - (DOWN - HEIGHT)
    return Picture(list(boxes.values()), _lines(boxes), width, height)


def _left(column: int, count: int, width: int) -> int:
    return (width - count * ACROSS) // 2 + column * ACROSS + (ACROSS - WIDTH) // 2


def _lines(boxes: dict[UUID, Box]) -> list[Line]:
    edges = Parent.objects.filter(child__in=list(boxes), parent__in=list(boxes))
    return [
        Line(
            x1=boxes[edge.parent_id].middle,
            y1=boxes[edge.parent_id].y + HEIGHT,
            x2=boxes[edge.child_id].middle,
            y2=boxes[edge.child_id].y,
            label=f"{edge.revenue_percent.normalize():f} %",
        )
        for edge in edges.order_by("id")
    ]
