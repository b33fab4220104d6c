"""Tokens in the system's keyring, where there is one.

The library is an extra: ``pip install 'assay[keyring]'``. Without it, or without a
keyring to talk to (a server without a desktop), tokens stay in the file of logins.
"""

from importlib.util import find_spec
from typing import Any

from assay.commands.lazily import load
from assay.protocol.errors import Invalid

SERVICE = "assay"


def keep(name: str, endpoint: str, token: str) -> bool:
    """Put a profile's token there; returns whether that was possible."""
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, _entry(name, endpoint), token)
    except Exception:  # noqa: BLE001 - every backend fails in its own way
        return False
    return True


def find(name: str, endpoint: str) -> str:
    """A profile's token; empty when the keyring has none.

    Raises:
        Invalid: ``keyring_missing``, ``keyring_closed``.
    """
    keyring = _keyring()
    if keyring is None:
        raise Invalid(
            "keyring_missing",
            "The token is kept in a keyring that cannot be reached from here.",
            fix="Install 'assay[keyring]', or log in again with --no-keyring.",
        )
    try:
        return str(keyring.get_password(SERVICE, _entry(name, endpoint)) or "")
    except Exception as error:
        raise Invalid(
            "keyring_closed",
            f"The keyring does not give the token: {error or type(error).__name__}.",
            fix="Unlock it, or log in again with --no-keyring.",
        ) from error


def forget(name: str, endpoint: str) -> None:
    """Take a profile's token out, if it is there."""
    keyring = _keyring()
    if keyring is None:
        return
    try:
        keyring.delete_password(SERVICE, _entry(name, endpoint))
    except Exception:  # noqa: BLE001 - nothing to forget, or nobody to tell
        return


def _keyring() -> Any:
    """The system's keyring; None when the library or a usable backend is missing."""
    if find_spec("keyring") is None:
        return None
    found = load("keyring", "get_keyring")()
    return found if found.priority > 0 else None


def _entry(name: str, endpoint: str) -> str:
    return f"{name} at {endpoint}"
