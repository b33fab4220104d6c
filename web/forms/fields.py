"""Fields that more than one form has, or that Django lacks."""

from datetime import UTC, datetime
from typing import Any

from django import forms


class UtcDateTimeField(forms.DateTimeField):
    """A moment typed in UTC, to the minute."""

    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def clean(self, value: Any) -> datetime | None:
        """The moment, aware."""
        found: datetime | None = super().clean(value)
        return found.replace(tzinfo=UTC) if found else None


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes many."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; the clean value is a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file, checked like a single one."""
        return [super(FilesField, self).clean(file, initial) for file in data or []]
