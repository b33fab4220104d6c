"""Keeping and forgetting logins."""

import os
from dataclasses import replace
from pathlib import Path

import tomlkit

from assay.commands import keyrings
from assay.commands.profiles import (
    KEYRING,
    Profiles,
    StoredProfile,
    profiles_path,
    stored_profiles,
    unknown_profile,
)


def store_profile(profile: StoredProfile, *, in_keyring: bool) -> StoredProfile:
    """Keep a profile and use it from now on; returns it as it was kept.

    Args:
        in_keyring: put the token into the system's keyring, where there is one.
    """
    profiles = stored_profiles()
    _forget_secret(profiles.by_name.get(profile.name))
    if in_keyring and keyrings.keep(profile.name, profile.endpoint, profile.token):
        profile = replace(profile, token="", is_in_keyring=True)
    _write(Profiles(profile.name, {**profiles.by_name, profile.name: profile}))
    return profile


def use_profile(name: str) -> StoredProfile:
    """Use a stored profile from now on.

    Raises:
        Invalid: ``profile_unknown``.
    """
    profiles = stored_profiles()
    if name not in profiles.by_name:
        raise unknown_profile(name, profiles)
    _write(replace(profiles, current=name))
    return profiles.by_name[name]


def forget_profile(name: str) -> bool:
    """Log out of a profile; returns whether there was anything to forget."""
    profiles = stored_profiles()
    known = profiles.by_name.get(name)
    _forget_secret(known)
    left = {key: one for key, one in profiles.by_name.items() if key != name}
    if left:
        current = profiles.current if profiles.current in left else next(iter(left))
        _write(Profiles(current, left))
    else:
        profiles_path().unlink(missing_ok=True)
    return known is not None


def _forget_secret(profile: StoredProfile | None) -> None:
    if profile is not None and profile.is_in_keyring:
        keyrings.forget(profile.name, profile.endpoint)


def _write(profiles: Profiles) -> Path:
    """Replace the file; nobody else can read it at any time."""
    path = profiles_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {name: _told(profile) for name, profile in profiles.by_name.items()}
    text = tomlkit.dumps({"current": profiles.current, "profiles": told})
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
    return path


def _told(profile: StoredProfile) -> dict[str, str]:
    secret = {"token_in": KEYRING} if profile.is_in_keyring else {}
    return {"endpoint": profile.endpoint, **(secret or {"token": profile.token})}
