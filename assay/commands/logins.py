"""Keeping and forgetting a login."""

import os
from pathlib import Path

import tomlkit

from assay.commands.profiles import NAME, Profile, profiles_path


def store_profile(profile: Profile) -> Path:
    """Keep a profile; returns where. Nobody else can read it at any time."""
    path = profiles_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fields = {"endpoint": profile.endpoint, "token": profile.token}
    text = tomlkit.dumps({"profiles": {NAME: fields}})
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
    return path


def forget_profile() -> bool:
    """Log out; returns whether anybody was logged in."""
    path = profiles_path()
    known = path.exists()
    path.unlink(missing_ok=True)
    return known
