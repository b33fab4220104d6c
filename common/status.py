"""Status moves by compare-and-set."""

from typing import Any

from django.db.models import Model


def move(instance: Model, start: str, end: str, **fields: Any) -> bool:
    """Move ``instance.status`` from ``start`` to ``end`` if it still is ``start``.

    Args:
        fields: other columns, written in the same statement.

    Returns:
        False when somebody else moved it first; then nothing was written.
    """
    manager = type(instance)._default_manager  # noqa: SLF001 - Django's public spelling
    moved = manager.filter(pk=instance.pk, status=start).update(status=end, **fields)
    if moved:
        for name, value in {"status": end, **fields}.items():
            setattr(instance, name, value)
    return bool(moved)
