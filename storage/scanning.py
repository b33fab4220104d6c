"""Looking for NaN and infinity in weights, in a process that can do no harm."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assay.protocol.admission import Finding
from assay.protocol.admission.safetensors import Tensor, read_header
from assay.protocol.errors import Unavailable
from storage.blobs import StoredFile, chunks, open_blob

ROOT = Path(__file__).resolve().parent.parent
# A hundredth of what one core scans; whoever takes longer is stuck.
LEAST_SECONDS = 60
BYTES_A_SECOND = 20 * 2**20


def non_finite_findings(files: Mapping[str, StoredFile]) -> list[Finding]:
    """The first tensor of each file that holds NaN or infinity.

    Args:
        files: safetensors whose headers are known to be sound.

    Raises:
        Unavailable: the scan did not come to an end.
    """
    found = []
    for path, file in files.items():
        tensors = read_header(file)
        bad = _scan(file, tensors)
        if bad >= 0:
            found.append(
                Finding(
                    "tensor_not_finite",
                    path,
                    f"Tensor {tensors[bad].name} holds NaN or infinity.",
                    "Training diverged: go back to a checkpoint before it did.",
                )
            )
    return found


def _scan(file: StoredFile, tensors: Sequence[Tensor]) -> int:
    seconds = LEAST_SECONDS + file.size // BYTES_A_SECOND
    with subprocess.Popen(
        [sys.executable, "-m", "storage.scanner", str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath},
    ) as scanner:
        assert scanner.stdin is not None
        assert scanner.stdout is not None
        watch = threading.Timer(seconds, scanner.kill)
        watch.start()
        try:
            for piece in _pieces(file, tensors):
                scanner.stdin.write(piece)
            scanner.stdin.close()
        except BrokenPipeError:
            pass  # it has seen enough, or was ended
        finally:
            said = scanner.stdout.read(32)
            watch.cancel()
    if scanner.returncode:
        raise Unavailable(
            "inspection_failed",
            "The weights could not be looked at in the time that it may take.",
            fix="Try again in a while.",
        )
    return int(said)


def _pieces(file: StoredFile, tensors: Sequence[Tensor]) -> Iterator[bytes]:
    """What the scanner reads: the tensors' types and sizes, then all of their bytes."""
    pairs = [(tensor.dtype, tensor.end - tensor.begin) for tensor in tensors]
    yield json.dumps(pairs).encode() + b"\n"
    with open_blob(file.sha256) as content:
        data = sum(size for _, size in pairs)
        content.seek(file.size - data)
        yield from chunks(content, data)
