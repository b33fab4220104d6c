"""The digests by which a receipt names all that went in."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from assay.protocol.canonical import digest
from assay.protocol.manifest import ManifestFile

SCORER: Final = "scorer-1"
"""Raised by hand when the same outputs and answers may give another score."""


def weights_digest(files: Iterable[ManifestFile]) -> str:
    """The digest of a model's files, whatever order they come in."""
    found = sorted(files, key=lambda file: file.path)
    return digest(
        {
            "format": "assay-weights-1",
            "files": [
                {"path": file.path, "size": file.size, "sha256": file.sha256}
                for file in found
            ],
        }
    )


def scorer_digest(*, task_type: str, options: Mapping[str, Any], metric: str) -> str:
    """The digest of how outputs are asked for and scored.

    Raises:
        Invalid: ``canonical_…`` for options that have no canonical form.
    """
    return digest(
        {
            "format": SCORER,
            "task_type": task_type,
            "options": dict(options),
            "metric": metric,
        }
    )
