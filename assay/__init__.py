"""Assay: the rules, the client and the command line, installable alone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.client import AsyncClient, Client

__version__ = "0.1.0"
__all__ = ["AsyncClient", "Client", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the client when it is asked for: the rules need no HTTP library."""
    if name in {"AsyncClient", "Client"}:
        return getattr(import_module("assay.client"), name)
    msg = f"module 'assay' has no attribute {name!r}"
    raise AttributeError(msg)
