"""A lineage as boxes and lines: parents above, children below, in SVG units."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.selectors import Graph, GraphNode

BOX_WIDTH, BOX_HEIGHT = 216, 44
GAP, ROW = 24, 96
LETTERS = 26  # that fit into a box


@dataclass(frozen=True)
class Box:
    """A model; ``x`` and ``y`` are the corner, ``label`` is cut to fit."""

    x: int
    y: int
    label: str
    full: str
    owner: str
    name: str
    is_self: bool
    is_external: bool

    @property
    def middle(self) -> int:
        """The horizontal centre."""
        return self.x + BOX_WIDTH // 2

    @property
    def foot(self) -> int:
        """The lower edge."""
        return self.y + BOX_HEIGHT

    @property
    def text_y(self) -> int:
        """The baseline of the label."""
        return self.y + BOX_HEIGHT // 2 + 5


@dataclass(frozen=True)
class Line:
    """From a parent to its child, with the relation beside it."""

    x1: int
    y1: int
    x2: int
    y2: int
    label: str

    @property
    def text_x(self) -> int:
        """Where the label begins."""
        return (self.x1 + 2 * self.x2) // 3 + 6

    @property
    def text_y(self) -> int:
        """Its baseline; nearer to the child, where lines lie apart."""
        return (self.y1 + 2 * self.y2) // 3 + 4


@dataclass(frozen=True)
class Drawing:
    """A whole lineage, and one sentence an edge for who does not see it."""

    width: int
    height: int
    boxes: Sequence[Box]
    lines: Sequence[Line]
    sentences: Sequence[str]
    cut: int


def draw(graph: Graph) -> Drawing | None:
    """The graph laid out in rows; None when the model stands alone."""
    if not graph.edges:
        return None
    rows = _rows(graph.nodes)
    broadest = max(len(row) for row in rows)
    width = broadest * (BOX_WIDTH + GAP) + GAP
    boxes = {
        node.key: _box(node, place, number, len(row), width)
        for number, row in enumerate(rows)
        for place, node in enumerate(row)
    }
    names = {key: box.full for key, box in boxes.items()}
    lines, sentences = [], []
    for edge in graph.edges:
        top, low = boxes[edge.parent], boxes[edge.child]
        word = edge.relation.replace("_", "-")
        owed = f", {edge.percent.normalize():f} %" if edge.percent else ""
        lines.append(Line(top.middle, top.foot, low.middle, low.y, word + owed))
        sentences.append(f"{names[edge.child]}: {word} of {names[edge.parent]}{owed}.")
    height = (len(rows) - 1) * ROW + BOX_HEIGHT + 2 * GAP
    return Drawing(width, height, list(boxes.values()), lines, sentences, graph.cut)


def _rows(nodes: Sequence[GraphNode]) -> list[list[GraphNode]]:
    levels = sorted({node.level for node in nodes})
    return [[node for node in nodes if node.level == level] for level in levels]


def _box(node: GraphNode, place: int, row: int, count: int, width: int) -> Box:
    used = count * (BOX_WIDTH + GAP) - GAP
    full = node.reference or "an unpublished model"
    owner, _, name = node.reference.partition("/")
    return Box(
        x=(width - used) // 2 + place * (BOX_WIDTH + GAP),
        y=GAP + row * ROW,
        label=full if len(full) <= LETTERS else full[: LETTERS - 1] + "…",
        full=full,
        owner=owner if name else "",
        name=name,
        is_self=node.level == 0,
        is_external=node.is_external,
    )
