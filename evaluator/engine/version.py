"""Which arithmetic produced a score.

Floating-point sums depend on their order, and the order depends on the linear
algebra library and on the instructions it picks for this processor. The version
therefore names all three: two results with the same version are equal bit for bit.
"""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Each can make the same processor sum in another order.
LIMITING = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS")
# Raised by hand whenever the same weights and inputs may give other bits.
ARITHMETIC = "float32-1"


def _installed(distribution: str) -> str:
    try:
        return version(distribution).partition("+")[0]
    except PackageNotFoundError:
        return "none"


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Vendor and widest vector instructions, such as ``amd-avx2``."""
    try:
        text = cpuinfo.read_text("ascii", "replace").partition("\n\n")[0]
    except OSError:
        return platform.machine() or "unknown"
    words = set(text.split())
    vendor = "amd" if "AuthenticAMD" in words else "intel"
    if "flags" not in words:
        return platform.machine() or "unknown"
    for level, flag in (("avx512", "avx512vl"), ("avx2", "avx2")):
        if flag in words:
            return f"{vendor}-{level}"
    return f"{vendor}-sse"


def _limits(environment: Mapping[str, str]) -> str:
    """What holds the libraries to fewer instructions than the processor has."""
    said = (environment.get(name, "").strip().lower() for name in LIMITING)
    return "".join(f"-{word}" for word in said if word)


ENGINE_VERSION = (
    f"{ARITHMETIC}/torch-{_installed('torch')}/{_processor()}{_limits(os.environ)}"
)
