"""What an evaluator host is told by its environment."""

import os
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
        key: the file with this host's private key, made at the first start.
    """

    endpoint: str
    token: str
    cache: Path
    cache_bytes: int
    key: Path


def read_settings(environment: Mapping[str, str]) -> Settings:
    """ASSAY_ENDPOINT, ASSAY_EVALUATOR_TOKEN (or …_TOKEN_FILE), ASSAY_EVALUATOR_CACHE,
    ASSAY_EVALUATOR_CACHE_GIB and ASSAY_EVALUATOR_KEY_FILE.

    Raises:
        Unavailable: ``evaluator_not_configured`` names what is missing.
    """
    endpoint = environment.get("ASSAY_ENDPOINT", "")
    token = _token(environment)
    for name, value in (("ASSAY_ENDPOINT", endpoint), ("ASSAY_EVALUATOR_TOKEN", token)):
        if not value:
            raise _missing(name, "is not set")
    cache = environment.get("ASSAY_EVALUATOR_CACHE")
    gib = environment.get("ASSAY_EVALUATOR_CACHE_GIB", "20")
    if not gib.isdecimal() or int(gib) < 1:
        raise _missing("ASSAY_EVALUATOR_CACHE_GIB", "is no whole number from 1 on")
    return Settings(
        endpoint=endpoint.rstrip("/"),
        token=token,
        cache=Path(cache).absolute() if cache else _private_cache(),
        cache_bytes=int(gib) * GIB,
        key=_key(environment),
    )


def _private_cache() -> Path:
    """A folder under the system's temporary one that nobody else can fill or read.

    What is in the cache is taken for what its name says.
    """
    folder = Path(tempfile.gettempdir(), f"assay-evaluator-{os.geteuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder.lstat()
    if folder.is_symlink() or made.st_uid != os.geteuid() or made.st_mode & 0o077:
        raise _missing("ASSAY_EVALUATOR_CACHE", f"is not set, and {folder} is not ours")
    return folder


def _key(environment: Mapping[str, str]) -> Path:
    named = environment.get("ASSAY_EVALUATOR_KEY_FILE")
    if named:
        return Path(named).absolute()
    data = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data, "assay", "evaluator-key").absolute()


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
