"""Imports at the moment of use: what a run does not need, it does not wait for."""

from importlib import import_module
from typing import Any


def load(module: str, attribute: str) -> Any:
    """``attribute`` of a module, which is imported now if it was not before."""
    return getattr(import_module(module), attribute)
