"""What one competition admits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assay.protocol.admission.architectures import ARCHITECTURES


class Kind(StrEnum):
    """A whole model, or an adapter for the benchmark's base model."""

    FULL = "full"
    ADAPTER = "adapter"


MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """Limits for one set of uploaded files.

    Attributes:
        kinds: which kinds of submission are admitted.
        architectures: names from ``admission.ARCHITECTURES`` that a model may have.
        max_total_bytes: all files together.
        max_files: how many files.
        num_labels: classes that a model must have; None when labels do not matter.
    """

    kinds: frozenset[Kind] = frozenset(Kind)
    architectures: frozenset[str] = frozenset(ARCHITECTURES)
    max_total_bytes: int = 2 * GIB
    max_files: int = 32
    num_labels: int | None = None
