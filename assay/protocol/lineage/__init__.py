"""Where a model comes from, and what its parents let it grant and make it carry."""

from assay.protocol.lineage.algebra import (
    MAX_LINEAGE,
    Allowance,
    allowance,
)
from assay.protocol.lineage.conflicts import Conflict, conflicts, owed
from assay.protocol.lineage.licences import LICENCES, LicenceFacts, licence_facts
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
    "LICENCES",
    "MAX_LINEAGE",
    "Allowance",
    "Conflict",
    "DeclaredParent",
    "LicenceFacts",
    "Party",
    "Relation",
    "allowance",
    "competition_party",
    "conflicts",
    "declared_parent",
    "external_party",
    "licence_facts",
    "owed",
    "parent_party",
]
