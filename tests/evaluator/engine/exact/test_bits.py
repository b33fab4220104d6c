"""One digest under every setting that changes a library's sums."""

import os
import subprocess
import sys

import pytest

from tests.evaluator.engine.exact.digest import digest

SETTINGS: list[tuple[dict[str, str], list[int]]] = [
    ({"ATEN_CPU_CAPABILITY": "default"}, [1, 12, 0, 0]),
    ({"ATEN_CPU_CAPABILITY": "avx2"}, [2, 5, 3, 1]),
    ({"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}, [2, 1, 0, 0]),
    (
        {"ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
        [1, 4, 17, 1],
    ),
    ({"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}, [2, 12, 1, 0]),
]


@pytest.fixture(scope="module")
def expected() -> str:
    return digest(batch=1, padding=0, backwards=False)


@pytest.mark.parametrize(
    ("batch", "padding", "backwards"),
    [(12, 0, False), (5, 0, True), (3, 17, False), (1, 7, True), (7, 2, False)],
)
def test_batches_padding_and_order_change_no_bit(
    expected: str, batch: int, padding: int, backwards: bool
) -> None:
    assert digest(batch=batch, padding=padding, backwards=backwards) == expected


@pytest.mark.parametrize(("environment", "arguments"), SETTINGS)
def test_threads_and_instruction_sets_change_no_bit(
    expected: str, environment: dict[str, str], arguments: list[int]
) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.evaluator.engine.exact.digest",
        *map(str, arguments),
    ]
    done = subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == expected
