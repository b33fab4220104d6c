"""Licences other than the UDL: known facts, and what of them UDL tags can say."""

from assay.protocol.licences.expressions import Alternatives, read_expression
from assay.protocol.licences.facts import (
    Demand,
    Facts,
    merged,
    unknown_licence,
)
from assay.protocol.licences.table import HUB_IDS, LICENCES, known_licence
from assay.protocol.licences.translating import Translation, translate

__all__ = [
    "HUB_IDS",
    "LICENCES",
    "Alternatives",
    "Demand",
    "Facts",
    "Translation",
    "known_licence",
    "merged",
    "read_expression",
    "translate",
    "unknown_licence",
]
