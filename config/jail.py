"""What the jail's own examination says about this host."""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Protocol

DOCTOR = "evaluator.jail.doctor"


class LayerReport(Protocol):
    """One layer of the jail, as found by attacking it."""

    name: str
    required: bool
    active: bool
    sentence: str


def examine() -> Sequence[LayerReport]:
    """Attack every layer; empty when no evaluator is installed beside the server."""
    if not has_module(DOCTOR):
        return []
    reports: Sequence[LayerReport] = importlib.import_module(DOCTOR).examine()
    return reports


def missing_layers() -> list[LayerReport]:
    """The layers without which nothing may be evaluated, and which do not hold."""
    return [layer for layer in examine() if layer.required and not layer.active]


def has_module(name: str) -> bool:
    """Whether a module exists, without importing more than its parents."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
