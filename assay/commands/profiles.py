"""Which server, and which token: the environment first, then the last login.

The file is ``profiles.toml`` in the platform's config folder, readable by its
owner alone. A stored token goes only to the server that it was stored for.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from assay.protocol.errors import Invalid

DEFAULT_ENDPOINT = "http://127.0.0.1:8000"
NAME = "default"


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and the token for it; the token is empty when logged out."""

    endpoint: str = DEFAULT_ENDPOINT
    token: str = ""

    def __repr__(self) -> str:
        return f"Profile(endpoint={self.endpoint!r})"  # a token is not for logs


def profiles_path() -> Path:
    """Where the last login is kept."""
    return platformdirs.user_config_path("assay") / "profiles.toml"


def current_profile(environment: Mapping[str, str]) -> Profile:
    """The profile that ``ASSAY_ENDPOINT``, ``ASSAY_TOKEN`` and the file give.

    Raises:
        Invalid: the address or the file cannot be read.
    """
    stored = stored_profile()
    given = environment.get("ASSAY_ENDPOINT", "")
    endpoint = checked_endpoint(given) if given else stored.endpoint
    token = environment.get("ASSAY_TOKEN", "").strip()
    if not token and endpoint == stored.endpoint:
        token = stored.token
    return Profile(endpoint, token)


def stored_profile() -> Profile:
    """What the last login stored; logged out at the usual place when nothing is."""
    path = profiles_path()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["profiles"][NAME]
        return Profile(str(found["endpoint"]), str(found["token"]))
    except FileNotFoundError:
        return Profile()
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "profile_unreadable",
            f"The file of logins cannot be read: {error}.",
            fix="Delete it and run `assay auth login` again.",
            where=str(path),
        ) from error


def checked_endpoint(text: str) -> str:
    """An address without a slash at its end.

    Raises:
        Invalid: ``endpoint_malformed``.
    """
    parts = urlsplit(text.strip())
    plain = not (parts.query or parts.fragment or parts.username)
    if parts.scheme in {"http", "https"} and parts.hostname and plain:
        return text.strip().rstrip("/")
    raise Invalid(
        "endpoint_malformed",
        f"{text!r} is not the address of a server.",
        fix="Write it like https://assay.example or http://127.0.0.1:8000.",
        where="endpoint",
    )


def is_exposed(endpoint: str) -> bool:
    """Whether a token to this address could be read on the way."""
    parts = urlsplit(endpoint)
    return parts.scheme == "http" and parts.hostname not in {
        "127.0.0.1",
        "::1",
        "localhost",
    }
