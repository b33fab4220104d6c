"""Which server, and which token: the environment first, then the chosen profile.

The file is ``profiles.toml`` in the platform's config folder, readable by its
owner alone. A stored token goes only to the server that it was stored for.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit

import platformdirs

from assay.commands.lazily import load
from assay.protocol.errors import Invalid

DEFAULT_ENDPOINT = "http://127.0.0.1:8000"
DEFAULT = "default"
KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and the token for it; the token is empty when logged out."""

    endpoint: str = DEFAULT_ENDPOINT
    token: str = ""

    def __repr__(self) -> str:
        return f"Profile(endpoint={self.endpoint!r})"  # a token is not for logs


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """What the file says of one profile; the token may be in the system's keyring."""

    name: str = DEFAULT
    endpoint: str = DEFAULT_ENDPOINT
    token: str = field(default="", repr=False)
    is_in_keyring: bool = False

    def secret(self) -> str:
        """The token, wherever it is kept.

        Raises:
            Invalid: ``keyring_missing``.
        """
        if not self.is_in_keyring:
            return self.token
        find = load("assay.commands.keyrings", "find")  # slow, and mostly not needed
        return cast("str", find(self.name, self.endpoint))


@dataclass(frozen=True, slots=True)
class Profiles:
    """All that the file holds, and which profile is in use."""

    current: str = DEFAULT
    by_name: Mapping[str, StoredProfile] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def named(self, name: str) -> StoredProfile:
        """The profile of that name; a blank one when nothing was stored."""
        return self.by_name.get(name, StoredProfile(name=name))


def profiles_path() -> Path:
    """Where logins are kept."""
    return platformdirs.user_config_path("assay") / "profiles.toml"


def current_profile(environment: Mapping[str, str], name: str = "") -> Profile:
    """The server and token of a run.

    Args:
        environment: ``ASSAY_ENDPOINT`` and ``ASSAY_TOKEN`` go before what is stored;
            ``ASSAY_PROFILE`` chooses what that is.
        name: the profile that was asked for; it goes before ``ASSAY_PROFILE``.

    Raises:
        Invalid: the address or the file cannot be read, or there is no such profile.
    """
    stored = chosen_profile(environment, name)
    endpoint = current_endpoint(environment, name)
    token = environment.get("ASSAY_TOKEN", "").strip()
    if not token and endpoint == stored.endpoint:
        token = stored.secret()
    return Profile(endpoint, token)


def current_endpoint(environment: Mapping[str, str], name: str = "") -> str:
    """The server of a run; its token is not looked for.

    Raises:
        Invalid: as ``current_profile``.
    """
    given = environment.get("ASSAY_ENDPOINT", "")
    stored = chosen_profile(environment, name)
    return checked_endpoint(given) if given else stored.endpoint


def chosen_profile(environment: Mapping[str, str], name: str = "") -> StoredProfile:
    """The stored profile that a run uses.

    Raises:
        Invalid: ``profile_unknown``.
    """
    profiles = stored_profiles()
    wanted = name or environment.get("ASSAY_PROFILE", "")
    if wanted and wanted not in profiles.by_name:
        raise unknown_profile(wanted, profiles)
    return profiles.named(wanted or profiles.current)


def stored_profiles() -> Profiles:
    """What was stored; nothing when there was no login yet.

    Raises:
        Invalid: ``profile_unreadable``.
    """
    path = profiles_path()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        found = {name: _read(name, told) for name, told in document["profiles"].items()}
        return Profiles(str(document.get("current", DEFAULT)), found)
    except FileNotFoundError:
        return Profiles()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "profile_unreadable",
            f"The file of logins cannot be read: {error}.",
            fix="Delete it and run `assay auth login` again.",
            where=str(path),
        ) from error


def _read(name: str, told: Mapping[str, Any]) -> StoredProfile:
    return StoredProfile(
        name=name,
        endpoint=str(told["endpoint"]),
        token=str(told.get("token", "")),
        is_in_keyring=told.get("token_in") == KEYRING,
    )


def unknown_profile(name: str, profiles: Profiles) -> Invalid:
    """The refusal of a name under which nothing was stored."""
    known = ", ".join(profiles.by_name) or "none yet"
    return Invalid(
        "profile_unknown",
        f"There is no profile {name!r}; there are: {known}.",
        fix=f"Make it with `assay auth login --profile {name} --endpoint URL`.",
        where="--profile",
    )


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
