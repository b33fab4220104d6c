"""Where a model comes from, and what was derived from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from assay.protocol.lineage import Party, external_party, parent_party
from assay.protocol.terms import read_tags
from catalogue.models import (
    ExternalModel,
    ExternalParent,
    Model,
    Parent,
)
from catalogue.selectors.finding import may_see, visible_to
from common.paging import Page, keyset


@dataclass(frozen=True)
class Ancestor:
    """A model somewhere up the lineage."""

    model: Model
    percent: Decimal
    depth: int
    relation: str


def ancestors(model: Model) -> list[Ancestor]:
    """Every model up the lineage, nearest first; one query a generation."""
    found: dict[object, Ancestor] = {}
    generation, depth = [model.pk], 1
    while generation:
        edges = list(_edges(generation))
        new = [edge for edge in edges if edge.parent_id not in found]
        for edge in new:
            found[edge.parent_id] = Ancestor(
                edge.parent, edge.revenue_percent, depth, edge.relation
            )
        generation, depth = [edge.parent_id for edge in new], depth + 1
    return list(found.values())


def ancestry(parents: Iterable[Model]) -> set[UUID]:
    """Ids of the parents and of all above them; one query a generation."""
    found: set[UUID] = set()
    generation = {parent.pk for parent in parents}
    while generation:
        found |= generation
        above = Parent.objects.filter(child__in=generation)
        generation = set(above.values_list("parent", flat=True)) - found
    return found


def children(
    model: Model, viewer: User | None, *, cursor: str | None = None, limit: int = 20
) -> Page[Model]:
    """Models derived from this one that the viewer may see, newest first."""
    derived = Model.objects.filter(parents__parent=model).select_related("owner")
    return keyset(
        derived.filter(visible_to(viewer)),
        cursor=cursor,
        limit=limit,
        order=["-created_at", "-id"],
    )


def _edges(children: Iterable[object]) -> Iterable[Parent]:
    return (
        Parent.objects.filter(child__in=list(children))
        .select_related("parent__owner")
        .order_by("id")
    )


def parties_of(
    parents: Iterable[Model], externals: Iterable[ExternalModel], *, on: date
) -> list[Party]:
    """Each parent with its say in a child that is made on the day ``on``."""
    return [
        *(
            parent_party(
                parent.reference,
                read_tags(parent.terms).terms,
                granted=parent.created_at.date(),
                on=on,
            )
            for parent in parents
        ),
        *(external_party(one.reference, one.licence) for one in externals),
    ]


def carried_duties(model: Model) -> list[tuple[str, str]]:
    """(duty, whose work it is owed for), from all up the lineage, each once."""
    ids = [model.pk, *(ancestor.model.pk for ancestor in ancestors(model))]
    return _duties(_edges(ids), _external_edges(ids))


def _duties(
    edges: Iterable[Parent], outside: Iterable[ExternalParent]
) -> list[tuple[str, str]]:
    found = [(str(d), edge.parent.reference) for edge in edges for d in edge.duties]
    found += [(str(d), one.external.reference) for one in outside for d in one.duties]
    return sorted(set(found))


@dataclass(frozen=True)
class GraphNode:
    """A model of a drawn lineage; ``level`` is 0 for the model, -1 for its parents.

    ``reference`` is empty when the viewer may not know of it.
    """

    key: str
    reference: str
    level: int
    is_external: bool = False


@dataclass(frozen=True)
class Edge:
    """``child`` was made from ``parent``; both are keys of nodes."""

    parent: str
    child: str
    relation: str
    percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Graph:
    """A lineage to draw; ``cut`` is how many models were left out of it."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]
    cut: int = 0


MAX_DRAWN = 40


@dataclass(frozen=True)
class Lineage:
    """All that a model's page shows of where it comes from, read once.

    Attributes:
        hidden: ids of ancestors that the viewer may not know by name.
        children: the newest; ``children`` pages through all.
    """

    ancestors: list[Ancestor]
    hidden: frozenset[UUID]
    children: Page[Model]
    externals: list[ExternalParent]
    duties: list[tuple[str, str]]
    graph: Graph


def lineage_of(model: Model, viewer: User | None) -> Lineage:
    """What it comes from, its visible children, duties, and both as one graph."""
    up, down = ancestors(model), children(model, viewer)
    ids = [model.pk, *(ancestor.model.pk for ancestor in up)]
    edges, outside = list(_edges(ids)), list(_external_edges(ids))
    return Lineage(
        ancestors=up,
        hidden=frozenset(a.model.pk for a in up if not may_see(a.model, viewer)),
        children=down,
        externals=[one for one in outside if one.child_id == model.pk],
        duties=_duties(edges, outside),
        graph=_graph(
            model, viewer, up=up, down=down.items, edges=edges, outside=outside
        ),
    )


def _graph(
    model: Model,
    viewer: User | None,
    *,
    up: list[Ancestor],
    down: Sequence[Model],
    edges: list[Parent],
    outside: list[ExternalParent],
) -> Graph:
    levels = {model.pk: 0, **{a.model.pk: -a.depth for a in up}}
    known = {model.pk: model, **{a.model.pk: a.model for a in up}}
    nodes = [
        *(_node(known[pk], level, viewer) for pk, level in levels.items()),
        *(_external_node(e, levels[e.child_id]) for e in outside),
        *(_node(child, 1, viewer) for child in down),
    ]
    drawn = {node.key: node for node in nodes[:MAX_DRAWN]}
    below = _edges_between([model.pk], [c.pk for c in down]) if down else ()
    lines = [
        *(_edge(edge) for edge in edges),
        *(Edge(_key(e.external_id), str(e.child_id), e.relation) for e in outside),
        *(_edge(edge) for edge in below),
    ]
    return Graph(
        nodes=tuple(drawn.values()),
        edges=tuple(e for e in lines if {e.parent, e.child} <= drawn.keys()),
        cut=len({node.key for node in nodes}) - len(drawn),
    )


def _node(model: Model, level: int, viewer: User | None) -> GraphNode:
    shown = model.reference if may_see(model, viewer) else ""
    return GraphNode(str(model.pk), shown, level)


def _external_node(edge: ExternalParent, child_level: int) -> GraphNode:
    return GraphNode(
        _key(edge.external_id), edge.external.reference, child_level - 1, True
    )


def _key(external_id: int) -> str:
    return f"external-{external_id}"


def _edge(edge: Parent) -> Edge:
    return Edge(
        str(edge.parent_id), str(edge.child_id), edge.relation, edge.revenue_percent
    )


def _edges_between(
    parents: Iterable[object], children: Iterable[object]
) -> Iterable[Parent]:
    return Parent.objects.filter(parent__in=list(parents), child__in=list(children))


def _external_edges(children: Iterable[object]) -> Iterable[ExternalParent]:
    return (
        ExternalParent.objects.filter(child__in=list(children))
        .select_related("external__registered_by")
        .order_by("id")
    )
