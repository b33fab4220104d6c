"""A folder with a model, as inspection and uploads see it."""

from dataclasses import dataclass
from pathlib import Path

from assay.protocol.errors import Invalid

ADAPTER_CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on disk that inspection reads in pieces."""

    path: Path

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        return self.path.stat().st_size

    def read(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset``; fewer only at the end."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(length)


def visible_files(folder: Path) -> dict[str, Path]:
    """All files below a folder by their paths in it, but for hidden ones.

    Raises:
        Invalid: ``folder_unusable`` when it is none, or holds no file.
    """
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    }
    if found:
        return found
    reason = "holds no files" if folder.is_dir() else "is no folder"
    raise Invalid(
        "folder_unusable",
        f"{folder} {reason}.",
        fix="Give the folder that the model was saved to.",
        where=str(folder),
    )


def kind_of(files: dict[str, Path]) -> str:
    """``adapter`` when there is an adapter's config, ``full`` otherwise."""
    return "adapter" if ADAPTER_CONFIG in files else "full"


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
