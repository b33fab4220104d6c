"""``python -m benchmarks.dedup [--steps 4] [--json FILE]``.

For each fine-tune and each way to cut: the bytes that a client must send to a server
that has the base, and the seconds of one core for cutting and hashing the fine-tune.
"""

import argparse
import hashlib
import json
import mmap
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from fastcdc.fastcdc_cy import fastcdc_cy

from assay.protocol import blocks
from assay.protocol.admission.safetensors import read_header
from benchmarks.dedup.tunes import bases, tunes
from examples.base_models.prepare import RECIPES, prepare

Spans = Iterator[tuple[int, int]]
CDC_SIZES = (16 * 1024, 64 * 1024, 256 * 1024)


@dataclass(frozen=True)
class LocalFile:
    """A file as the admission rules read it."""

    path: Path
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """At most so many bytes from an offset."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(length)


@dataclass(frozen=True)
class Row:
    """One fine-tune cut one way."""

    base: str
    tune: str
    way: str
    size: int
    sent: int
    saved_percent: float
    pieces: int
    cpu_seconds: float


def whole(path: Path) -> Spans:
    """The file."""
    yield 0, path.stat().st_size


def by_tensor(path: Path) -> Spans:
    """Header and tensors."""
    file = LocalFile(path, path.stat().st_size)
    data = 8 + int.from_bytes(file.read(0, 8), "little")
    yield 0, data
    for tensor in read_header(file):
        if tensor.end > tensor.begin:
            yield data + tensor.begin, tensor.end - tensor.begin


def by_block(path: Path) -> Spans:
    """Blocks of 64 KiB, counted from each tensor's beginning: what the product does."""
    for span in blocks.spans(LocalFile(path, path.stat().st_size)):
        yield span.offset, span.length


def by_content(path: Path) -> Spans:
    """Chunks of 64 KiB on average, whose ends are chosen by content (FastCDC)."""
    for chunk in fastcdc_cy(str(path), *CDC_SIZES):
        yield chunk.offset, chunk.length


WAYS: dict[str, Callable[[Path], Spans]] = {
    "whole file": whole,
    "tensors": by_tensor,
    "blocks in tensors": by_block,
    "content-defined": by_content,
}


def digests(path: Path, way: Callable[[Path], Spans]) -> list[tuple[int, bytes]]:
    """Length and SHA-256 of each piece."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
    ):
        return [
            (length, hashlib.sha256(view[start : start + length]).digest())
            for start, length in way(path)
        ]


def main() -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    cache = Path(os.environ.get("ASSAY_BASE_MODELS", "var/cache/base_models"))
    for recipe in RECIPES:
        prepare(cache, recipe)
    rows: list[Row] = []
    print(
        f"{'fine-tune':<36}{'way':<20}{'sent':>10}{'saved':>8}{'pieces':>8}{'CPU':>8}"
    )
    for base in bases(cache):
        print(base.name)
        known = {
            name: {d for _, d in digests(base.folder / "model.safetensors", way)}
            for name, way in WAYS.items()
        }
        with tempfile.TemporaryDirectory(prefix="assay-dedup-") as folder:
            for tune, path in tunes(base, Path(folder), steps=given.steps):
                for name in WAYS:
                    rows.append(measured(base.name, tune, name, path, known[name]))
                    tell(rows[-1])
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2))
    return 0


def measured(base: str, tune: str, way: str, path: Path, known: set[bytes]) -> Row:
    """Cut and hash one file, and count what is new."""
    before = time.process_time()
    pieces = digests(path, WAYS[way])
    taken = time.process_time() - before
    size = path.stat().st_size
    sent = sum(length for length, digest in pieces if digest not in known)
    saved = 100 * (1 - sent / size)
    return Row(
        base, tune, way, size, sent, round(saved, 1), len(pieces), round(taken, 2)
    )


def tell(row: Row) -> None:
    """One line of the table."""
    print(
        f"  {row.tune:<34}{row.way:<20}{row.sent / 1e6:>7.1f} MB"
        f"{row.saved_percent:>7.1f}%{row.pieces:>8}{row.cpu_seconds:>7.2f}s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
