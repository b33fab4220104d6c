"""Typed readers of environment variables, which refuse what they cannot read.

A secret may be given by file: ``NAME_FILE`` names a file whose content is used.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable, else the content of the file that ``NAME_FILE`` names."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """A yes or no; anything else is refused.

    Raises:
        ImproperlyConfigured: the value is neither.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    msg = f"{name} is {value!r}; set it to 1 or 0."
    raise ImproperlyConfigured(msg)


def number(name: str, default: int) -> int:
    """A whole number.

    Raises:
        ImproperlyConfigured: the value is not one.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        msg = f"{name} is {value!r}; set it to a whole number."
        raise ImproperlyConfigured(msg) from error


def words(name: str, default: str) -> list[str]:
    """A comma-separated list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
