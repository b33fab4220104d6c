"""Libraries that only some installations have, loaded at the moment of use."""

from importlib import import_module
from typing import Any

from assay.protocol.errors import Unavailable


def load_extra(module: str) -> Any:
    """A module that the extra ``documents`` brings.

    Raises:
        Unavailable: ``documents_missing`` when it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise Unavailable(
            "documents_missing",
            f"Reading and writing this needs {error.name}, which is not installed.",
            fix="Install it with: pip install 'assay[documents]'",
        ) from error
