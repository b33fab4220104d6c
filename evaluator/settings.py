"""What an evaluator host is told by its environment."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.protocol.errors import Unavailable

GIB = 1 << 30


@dataclass(frozen=True)
class Settings:
    """Where the platform is, who we are there, and where files may be kept.

    Args:
        endpoint: the platform's address, such as ``https://assay.example``.
        token: an API token that may evaluate.
        cache: a folder for weights and inputs.
        cache_bytes: the size that the cache is cut back to.
    """

    endpoint: str
    token: str
    cache: Path
    cache_bytes: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """ASSAY_ENDPOINT, ASSAY_EVALUATOR_TOKEN (or …_TOKEN_FILE), ASSAY_EVALUATOR_CACHE
    and ASSAY_EVALUATOR_CACHE_GIB.

    Raises:
        Unavailable: ``evaluator_not_configured`` names what is missing.
    """
    endpoint = environment.get("ASSAY_ENDPOINT", "")
    token = _token(environment)
    for name, value in (("ASSAY_ENDPOINT", endpoint), ("ASSAY_EVALUATOR_TOKEN", token)):
        if not value:
            raise _missing(name, "is not set")
    default = Path(tempfile.gettempdir()) / "assay-evaluator"
    gib = environment.get("ASSAY_EVALUATOR_CACHE_GIB", "20")
    if not gib.isdecimal() or int(gib) < 1:
        raise _missing("ASSAY_EVALUATOR_CACHE_GIB", "is no whole number from 1 on")
    return Settings(
        endpoint=endpoint.rstrip("/"),
        token=token,
        cache=Path(environment.get("ASSAY_EVALUATOR_CACHE") or default).absolute(),
        cache_bytes=int(gib) * GIB,
    )


def _token(environment: Mapping[str, str]) -> str:
    file = environment.get("ASSAY_EVALUATOR_TOKEN_FILE")
    if not file:
        return environment.get("ASSAY_EVALUATOR_TOKEN", "")
    try:
        return Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise _missing("ASSAY_EVALUATOR_TOKEN_FILE", "cannot be read") from error


def _missing(name: str, what: str) -> Unavailable:
    return Unavailable(
        "evaluator_not_configured",
        f"This evaluator cannot work: {name} {what}.",
        fix=f"Set {name} in the worker's environment.",
        where=name,
    )
