"""Snapshots as the JSON that the Hub's clients read."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from doors.hub.snapshots import HubFile, Snapshot


def moment(at: datetime) -> str:
    """ISO 8601 with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def info(snapshot: Snapshot, *, with_sizes: bool = False) -> dict[str, Any]:
    """All that is told of a repository of any kind."""
    return {
        "_id": snapshot.revision[:24],
        "id": snapshot.reference,
        "author": snapshot.author,
        "sha": snapshot.revision,
        "lastModified": moment(snapshot.changed_at),
        "createdAt": moment(snapshot.created_at),
        "private": snapshot.is_private,
        "gated": "manual" if snapshot.is_gated else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": list(snapshot.tags),
        "cardData": dict(snapshot.card),
        "usedStorage": sum(file.size for file in snapshot.files.values()),
        "siblings": [_sibling(f, with_sizes) for f in _sorted(snapshot)],
    }


def model_info(snapshot: Snapshot, *, with_sizes: bool = False) -> dict[str, Any]:
    """The same of a model."""
    paths = set(snapshot.files)
    library = "peft" if "adapter_config.json" in paths else "transformers"
    return {
        **info(snapshot, with_sizes=with_sizes),
        "modelId": snapshot.reference,
        "library_name": library if paths & {"config.json", f"{library}.json"} else None,
        "pipeline_tag": snapshot.card.get("pipeline_tag"),
    }


def _sorted(snapshot: Snapshot) -> list[HubFile]:
    return [snapshot.files[path] for path in sorted(snapshot.files)]


def _sibling(file: HubFile, with_sizes: bool) -> dict[str, Any]:  # noqa: FBT001
    if not with_sizes:
        return {"rfilename": file.path}
    found = {"rfilename": file.path, "size": file.size, "blobId": file.oid}
    if file.git_oid:
        return found
    large = {
        "sha256": file.sha256,
        "size": file.size,
        "pointerSize": len(file.pointer),
    }
    return {**found, "lfs": large}


def entry(file: HubFile) -> dict[str, Any]:
    """A file in a listing."""
    found: dict[str, Any] = {
        "type": "file",
        "oid": file.oid,
        "size": file.size,
        "path": file.path,
    }
    if not file.git_oid:
        found["lfs"] = {
            "oid": file.sha256,
            "size": file.size,
            "pointerSize": len(file.pointer),
        }
    return found


def folder_entry(path: str, files: Mapping[str, HubFile]) -> dict[str, Any]:
    """A folder in a listing; its name depends on all that is in it."""
    inside = sorted(p for p in files if p.startswith(f"{path}/"))
    text = "".join(f"{p}\0{files[p].oid}\n" for p in inside)
    oid = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return {"type": "directory", "oid": oid, "size": 0, "path": path}


def listing(
    files: Mapping[str, HubFile], folder: str, *, recursive: bool
) -> Iterator[dict[str, Any]]:
    """A folder's entries by path; nothing when there is no such folder."""
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    told: set[str] = set()
    for path in sorted(files):
        if not path.startswith(prefix):
            continue
        above = _folders_between(path, prefix, recursive=recursive)
        for name in above:
            if name not in told:
                told.add(name)
                yield folder_entry(name, files)
        if recursive or not above:
            yield entry(files[path])


def _folders_between(path: str, prefix: str, *, recursive: bool) -> list[str]:
    """Folders between ``prefix`` and the file, the outermost first."""
    steps = path[len(prefix) :].split("/")[:-1]
    found = [prefix + "/".join(steps[: n + 1]) for n in range(len(steps))]
    return found if recursive else found[:1]


def last_commit(snapshot: Snapshot) -> dict[str, Any]:
    """The commit that a listing with details names."""
    return {
        "id": snapshot.revision,
        "title": snapshot.title,
        "date": moment(snapshot.changed_at),
    }
