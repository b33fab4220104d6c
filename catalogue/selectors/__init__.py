"""Questions about models: which there are, what may be seen, where they come from."""

from catalogue.selectors.documents import model_record
from catalogue.selectors.finding import (
    ORDERS,
    Wanted,
    bases,
    external_by_reference,
    external_models,
    may_see,
    model_by_reference,
    published,
    tasks,
)
from catalogue.selectors.lineage import (
    Ancestor,
    Edge,
    Graph,
    GraphNode,
    Lineage,
    ancestors,
    ancestry,
    carried_duties,
    children,
    lineage_of,
    parties_of,
)
from catalogue.selectors.repositories import (
    commit_by_revision,
    commits_of,
    repositories_of,
    repository_by_reference,
)
from catalogue.selectors.weights import (
    newest_resemblances,
    resemblances_by_model,
    resemblances_of,
    resembling,
    sketch_of,
    weights_states,
)
from catalogue.selectors.wording import terms_in_words

__all__ = [
    "ORDERS",
    "Ancestor",
    "Edge",
    "Graph",
    "GraphNode",
    "Lineage",
    "Wanted",
    "ancestors",
    "ancestry",
    "bases",
    "carried_duties",
    "children",
    "commit_by_revision",
    "commits_of",
    "external_by_reference",
    "external_models",
    "lineage_of",
    "may_see",
    "model_by_reference",
    "model_record",
    "newest_resemblances",
    "parties_of",
    "published",
    "repositories_of",
    "repository_by_reference",
    "resemblances_by_model",
    "resemblances_of",
    "resembling",
    "sketch_of",
    "tasks",
    "terms_in_words",
    "weights_states",
]
