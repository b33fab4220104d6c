"""NaN and infinity are found in a process of little memory, time and rights."""

import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.admission.numbers import is_finite
from assay.protocol.errors import Unavailable
from storage import scanning, services
from storage.blobs import StoredFile

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _disk(tmp_path: Path, settings) -> None:
    settings.STORAGE_PATH = tmp_path


def stored(**tensors: tuple[str, bytes]) -> StoredFile:
    header, offset = {}, 0
    for name, (dtype, content) in tensors.items():
        width = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}[dtype]
        end = offset + len(content)
        shape = [len(content) // width]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    content = b"".join(content for _, content in tensors.values())
    whole = len(text).to_bytes(8, "little") + text + content
    return StoredFile(services.store_bytes(owner=None, content=whole).pk, len(whole))


def codes(file: StoredFile) -> list[tuple[str, str]]:
    found = scanning.non_finite_findings({"model.safetensors": file})
    return [(finding.code, finding.sentence) for finding in found]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 70_000, 99_999])
def test_one_number_among_many_is_found_and_its_tensor_named(number: float, at: int):
    bad = np.ones(100_000, dtype="<f4")
    bad[at] = number
    good = np.zeros(1000, dtype="<f2").tobytes()

    found = codes(stored(a=("F16", good), b=("F32", bad.tobytes()), c=("F16", good)))

    assert found == [("tensor_not_finite", "Tensor b holds NaN or infinity.")]


def test_weights_that_are_numbers_pass():
    largest = np.array([np.finfo("f4").max, np.finfo("f4").min, 0.0, -0.0], "<f4")
    subnormal = np.array([1, 2, 0x007F], "<u2")

    file = stored(
        a=("F32", largest.tobytes()),
        b=("BF16", subnormal.tobytes()),
        position_ids=("I64", b"\xff" * 64),
    )

    assert codes(file) == []


@given(st.lists(st.floats(width=32), max_size=50))
def test_the_bits_say_what_numpy_says(numbers: list[float]):
    content = struct.pack(f"<{len(numbers)}f", *numbers)
    halves = np.array(numbers, "<f4").view("<u4") >> 16

    assert is_finite("F32", content) == bool(np.isfinite(numbers).all())
    assert is_finite("BF16", halves.astype("<u2").tobytes()) == all(
        np.isfinite(np.array(halves << 16, "<u4").view("<f4"))
    )


@given(st.lists(st.floats(width=16), max_size=50))
def test_halves_too(numbers: list[float]):
    content = np.array(numbers, "<f2").tobytes()

    assert is_finite("F16", content) == bool(np.isfinite(numbers).all())


def test_a_scan_that_is_stuck_is_ended(monkeypatch: pytest.MonkeyPatch):
    file = stored(a=("F32", bytes(400)))
    monkeypatch.setattr(scanning, "LEAST_SECONDS", 0)
    began = time.monotonic()

    with pytest.raises(Unavailable) as refusal:
        scanning.non_finite_findings({"model.safetensors": file})

    assert refusal.value.code == "inspection_failed"
    assert time.monotonic() - began < 30


def test_the_scanner_can_open_start_and_write_nothing():
    attempts = (
        "from storage import scanner; scanner.limit(5)\n"
        "import os, sys\n"
        "for attempt in (lambda: open('/etc/passwd'), lambda: os.dup(1),\n"
        "                lambda: bytearray(2**31)):\n"
        "    try: attempt()\n"
        "    except (OSError, MemoryError): continue\n"
        "    print('could')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", attempts], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
