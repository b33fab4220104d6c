"""Whether the jail holds on this host, by its own examination."""

import hashlib
import sys
from pathlib import Path

from config.temporary import private_temporary
from evaluator.jail import doctor

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def missing_layers() -> list[doctor.LayerReport]:
    """The layers without which nothing may be evaluated, and which do not hold."""
    return [layer for layer in doctor.examine() if layer.required and not layer.active]


def missing_layers_since_boot() -> list[doctor.LayerReport]:
    """The same, without the seconds it takes when all held before on this host.

    Only success is remembered, for this boot, user, Python and version of the jail.
    Should a layer fall afterwards, the jail itself refuses to run anything.
    """
    memory = _memory()
    if memory.exists():
        return []
    missing = missing_layers()
    if not missing:
        memory.touch()
    return missing


def _memory() -> Path:
    key = hashlib.sha256(f"{BOOT_ID.read_text()} {sys.version} {sys.prefix}".encode())
    for source in sorted(Path(doctor.__file__).parent.glob("*.py")):
        key.update(source.read_bytes())
    return private_temporary() / f"jail-holds-{key.hexdigest()[:32]}"
