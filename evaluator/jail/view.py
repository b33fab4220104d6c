"""What the jailed process can see: read-only binds, each with a reason, and one file.

Everything else of the host does not exist inside. The root is an empty tmpfs that is
read-only by the time the command starts, so nothing can be made in it either.
"""

import os
import platform
import shutil
import stat
import sys
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path

import assay
import evaluator
from evaluator.jail.errors import JailBrokenError
from evaluator.job import Job

INSIDE = Path("/jail")
CODE, SPEC, OUTPUTS = INSIDE / "code", INSIDE / "spec.json", INSIDE / "outputs.jsonl"

# torch picks its kernels, and so the last bits of a score, by what these say
_PROCESSOR = (Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu"))
_MOST_FILES = 200


@dataclass(frozen=True)
class Bind:
    """One thing of the host and where it is seen inside."""

    source: Path
    target: Path
    writable: bool = False


def interpreter() -> Path:
    """The Python that runs now, behind the links of a virtual environment."""
    return Path(sys.executable).resolve()


def packages() -> list[Path]:
    """The folders of installed packages that the running interpreter uses."""
    found = (Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
    return list(dict.fromkeys(path.resolve() for path in found if path.is_dir()))


def platform_binds() -> list[Bind]:
    """The interpreter, its library, the C libraries and what names the processor."""
    machine = f"{platform.machine()}-linux-gnu"
    library = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib")
    wanted = [
        interpreter(),
        Path(sysconfig.get_path("stdlib")),
        Path(sysconfig.get_path("platstdlib").replace(sys.prefix, sys.base_prefix, 1)),
        *library.glob("libpython*.so*"),
        Path("/lib64"),
        Path("/usr/lib64"),
        Path("/lib/ld-linux-aarch64.so.1"),
        Path("/lib") / machine,
        Path("/usr/lib") / machine,
        Path("/etc/ld.so.cache"),
        *_PROCESSOR,
    ]
    seen = dict.fromkeys(path for path in wanted if path.exists())
    return [Bind(path.resolve(), path) for path in seen]


def package_binds() -> list[Bind]:
    """Installed packages, and our own two from wherever they are imported."""
    ours = [Path(module.__path__[0]).resolve() for module in (assay, evaluator)]
    return [
        *(Bind(folder, folder) for folder in packages()),
        *(Bind(folder, CODE / folder.name) for folder in ours),
    ]


def job_binds(job: Job) -> tuple[Job, list[Bind]]:
    """The job as it reads inside, and its files, bound one by one.

    Raises:
        JailBrokenError: ``job_unreadable`` when a file is missing or not a plain file.
    """
    inside = replace(
        job,
        model_dir=INSIDE / "model",
        base_dir=INSIDE / "base" if job.base_dir else None,
        tokenizer_dir=INSIDE / "tokenizer",
        inputs=INSIDE / "inputs.jsonl",
    )
    binds = [Bind(_plain(job.inputs), inside.inputs)]
    binds += _folder(job.model_dir, inside.model_dir)
    binds += _folder(job.tokenizer_dir, inside.tokenizer_dir)
    if job.base_dir and inside.base_dir:
        binds += _folder(job.base_dir, inside.base_dir)
    return inside, binds


def readable_binds(binds: list[Bind], copies: Path) -> list[Bind]:
    """The same binds, with copies of the files that only their owner may read."""
    return [_readable(bind, copies / str(n)) for n, bind in enumerate(binds)]


def _readable(bind: Bind, copy: Path) -> Bind:
    mode = bind.source.stat().st_mode
    if bind.writable or stat.S_ISDIR(mode) or mode & stat.S_IROTH:
        return bind
    shutil.copyfile(bind.source, copy)
    copy.chmod(0o444)
    return replace(bind, source=copy)


def _folder(folder: Path, target: Path) -> list[Bind]:
    """Files one by one: links in a cache lead to their blobs, nothing else shows."""
    if not folder.is_dir():
        raise JailBrokenError(
            "job_unreadable", f"The job's folder {folder} is not there."
        )
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    if len(paths) > _MOST_FILES:
        raise JailBrokenError(
            "job_unreadable", f"{folder} holds {len(paths)} files, over {_MOST_FILES}."
        )
    return [Bind(_plain(path), target / path.relative_to(folder)) for path in paths]


def _plain(path: Path) -> Path:
    if not path.is_file():
        raise JailBrokenError("job_unreadable", f"The job's file {path} is not a file.")
    if not os.access(path, os.R_OK):
        raise JailBrokenError(
            "job_unreadable", f"The job's file {path} may not be read."
        )
    return path.resolve()
