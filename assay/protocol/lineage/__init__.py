"""Where a model comes from, and what its parents let it grant and make it carry."""

from assay.protocol.lineage.algebra import (
    MAX_LINEAGE,
    Allowance,
    allowance,
)
from assay.protocol.lineage.conflicts import Conflict, conflicts, owed
from assay.protocol.lineage.parties import (
    Party,
    competition_party,
    external_party,
    parent_party,
)
from assay.protocol.lineage.relations import (
    EXTERNAL,
    DeclaredParent,
    Relation,
    declared_parent,
)

__all__ = [
    "EXTERNAL",
    "MAX_LINEAGE",
    "Allowance",
    "Conflict",
    "DeclaredParent",
    "Party",
    "Relation",
    "allowance",
    "competition_party",
    "conflicts",
    "declared_parent",
    "external_party",
    "owed",
    "parent_party",
]
