"""Libraries that only some installations have, loaded at the moment of use."""

from importlib import import_module
from typing import Any

from assay.protocol.errors import Unavailable


def load_extra(module: str, *, extra: str = "documents") -> Any:
    """A module that an extra of this package brings.

    Raises:
        Unavailable: ``documents_missing`` and so on when it is not
            installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"{extra}_missing",
            f"This needs {error.name}, which is not installed.",
            fix=f"Install it with: pip install 'assay[{extra}]'",
        ) from error
