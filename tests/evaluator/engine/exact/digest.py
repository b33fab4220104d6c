"""Writes one digest of every operator's bits; run in processes of other settings:
`python -m … THREADS BATCH PAD ORDER`.
"""

import hashlib
import sys

import torch

from evaluator.engine.exact import (
    Linear,
    Rotation,
    attend,
    erf,
    gelu,
    layer_norm,
    log_sum_exp,
    rms_norm,
    silu,
    tanh,
)

WIDTH, HEADS, ROWS, LENGTH = 576, 4, 12, 5


def noise(*shape: int, seed: int) -> torch.Tensor:
    """Returns float64 in [-4, 4) of an integer recurrence: `randn` differs between
    instruction sets.
    """
    count = torch.Size(shape).numel()
    values = (
        (torch.arange(count) * 48271 + seed * 7919) % 2147483647 * 16807 % 2147483647
    )
    return (
        values.double() / torch.tensor(2147483647.0, dtype=torch.float64) * 8.0 - 4.0
    ).reshape(shape)


def example(index: int) -> torch.Tensor:
    return noise(LENGTH, WIDTH, seed=index + 1)


def forward(batch: torch.Tensor, padding: int) -> torch.Tensor:
    """Returns (examples, length) of (examples, length, width): one block of a model,
    padded with rubbish at the end.
    """
    rubbish = noise(len(batch), padding, WIDTH, seed=99) * 3.0
    x = torch.cat([batch, rubbish], dim=1)
    positions = LENGTH + padding
    project = Linear(noise(3 * WIDTH, WIDTH, seed=50) * 0.02)
    normed = rms_norm(x, noise(WIDTH, seed=51), 1e-5)
    heads = project(normed.reshape(-1, WIDTH)).reshape(
        len(batch), positions, 3, HEADS, WIDTH // HEADS
    )
    queries, keys, values = heads.permute(2, 0, 3, 1, 4)
    turn = Rotation(width=WIDTH // HEADS, base=10000.0, positions=64)
    where = torch.arange(positions)
    seen = torch.ones(positions, positions, dtype=torch.bool).tril()
    mixed = attend(
        turn(queries, where), turn(keys, where), values, seen, scale=0.0833, exponent=8
    )
    joined = mixed.transpose(1, 2).reshape(-1, WIDTH)
    down = Linear(
        noise(64, 4 * WIDTH, seed=52) * 0.02
    )  # longer than one block of columns
    wide = torch.cat([silu(joined), gelu(joined), tanh(joined), erf(joined)], dim=1)
    logits = layer_norm(down(wide), noise(64, seed=53), noise(64, seed=54), 1e-5)
    return log_sum_exp(logits).reshape(len(batch), positions)[:, :LENGTH]


def digest(*, batch: int, padding: int, backwards: bool) -> str:
    order = list(range(ROWS))[:: -1 if backwards else 1]
    results = {}
    for start in range(0, ROWS, batch):
        chosen = order[start : start + batch]
        scores = forward(torch.stack([example(index) for index in chosen]), padding)
        results.update(zip(chosen, scores, strict=True))
    whole = torch.stack([results[index] for index in range(ROWS)])
    return hashlib.sha256(whole.contiguous().numpy().tobytes()).hexdigest()


if __name__ == "__main__":
    threads, batch, padding, backwards = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    found = digest(batch=batch, padding=padding, backwards=bool(backwards))
    sys.stdout.write(found + "\n")
