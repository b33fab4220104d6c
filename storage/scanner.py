"""The process that looks at strangers' numbers: ``python -m storage.scanner``.

It takes nothing but its standard input, which is a JSON line of [type, bytes] pairs and
then those bytes, and says the place of the first pair that holds NaN or infinity, or
-1. It may open no file, start nothing, and use little memory and time.
"""

import json
import resource
import sys
from typing import BinaryIO

from assay.protocol.admission.numbers import is_finite

PIECE = 8 * 2**20
MEMORY = 2**30


def limit(seconds: int) -> None:
    """Give up what is not needed; numpy is loaded by now."""
    for name, most in {
        "RLIMIT_AS": MEMORY,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 3,
        "RLIMIT_NPROC": 0,
        "RLIMIT_CORE": 0,
    }.items():
        resource.setrlimit(getattr(resource, name), (most, most))


def main() -> None:
    """Scan what comes in, and say what was found."""
    limit(int(sys.argv[1]))
    sys.stdout.write(f"{first_bad(sys.stdin.buffer)}\n")


def first_bad(source: BinaryIO) -> int:
    """The place of the first pair that holds NaN or infinity, or -1.

    Raises:
        EOFError: there were fewer bytes than was said.
    """
    for place, (dtype, size) in enumerate(json.loads(source.readline())):
        for start in range(0, size, PIECE):
            wanted = min(PIECE, size - start)
            piece = source.read(wanted)
            if len(piece) < wanted:
                raise EOFError
            if not is_finite(dtype, piece):
                return place
    return -1


if __name__ == "__main__":
    main()
