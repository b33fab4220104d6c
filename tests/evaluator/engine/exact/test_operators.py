"""Exact operators are right, not only reproducible."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.engine import exact
from tests.evaluator.engine.exact.digest import noise

POINTS = torch.cat(
    [
        torch.linspace(-30, 30, 4001, dtype=torch.float64),
        torch.linspace(-1, 1, 4001, dtype=torch.float64),
    ]
)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (exact.tanh, math.tanh),
        (exact.erf, math.erf),
        (exact.sigmoid, lambda x: 1 / (1 + math.exp(-x))),
        (exact.silu, lambda x: x / (1 + math.exp(-x))),
        (exact.gelu, lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2)))),
    ],
)
def test_functions_are_within_a_few_units_of_float64(
    ours: Callable[[torch.Tensor], torch.Tensor], theirs: Callable[[float], float]
) -> None:
    expected = torch.tensor([theirs(x) for x in POINTS.tolist()], dtype=torch.float64)

    assert ((ours(POINTS) - expected).abs() / expected.abs().clamp(min=1)).max() < 1e-15


def test_exp_and_log_are_within_a_few_units_of_float64() -> None:
    x = torch.linspace(-600, 600, 20001, dtype=torch.float64)
    powers = torch.tensor(
        [math.exp(value) for value in x.tolist()], dtype=torch.float64
    )

    assert ((exact.exp(x) - powers) / powers).abs().max() < 2e-15
    logs = torch.tensor(
        [math.log(value) for value in powers.tolist()], dtype=torch.float64
    )
    assert ((exact.log(powers) - logs).abs() / logs.abs().clamp(min=1)).max() < 4e-16


def test_the_tanh_form_of_gelu_follows_its_formula() -> None:
    expected = torch.nn.functional.gelu(POINTS, approximate="tanh")

    assert (exact.gelu(POINTS, approximate=True) - expected).abs().max() < 1e-14


@given(st.integers(1, 2048), st.integers(0, 2**20))
@settings(max_examples=25, deadline=None)
def test_products_at_the_bound_equal_whole_number_arithmetic(
    terms: int, seed: int
) -> None:
    signs = ((torch.arange(terms) * 48271 + seed) % 7 < 6).double() * 2 - 1
    left = (torch.full((2, terms), 2.0**21, dtype=torch.float64) - seed % 5) * signs
    right = torch.full((terms, 2), 2.0**21, dtype=torch.float64) - seed % 3

    sums = exact.product(left, right, largest=(2**21, 2**21))

    whole = sum(
        int(a) * int(b)
        for a, b in zip(left[0].tolist(), right[:, 0].tolist(), strict=True)
    )
    assert int(sums[0, 0]) == whole


def test_a_product_that_could_round_is_refused() -> None:
    with pytest.raises(exact.OutOfBounds, match=r"more than 2\*\*53"):
        exact.product(
            torch.ones(1, 2049, dtype=torch.float64),
            torch.ones(2049, 1, dtype=torch.float64),
            largest=(2**21, 2**21),
        )


def test_values_that_are_not_finite_are_refused() -> None:
    for bad in (math.nan, math.inf, 1e300):
        with pytest.raises(exact.OutOfBounds, match="finite"):
            exact.to_grid(torch.tensor([[1.0, bad]], dtype=torch.float64), 21)


@given(st.integers(-300, 300), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_a_grid_is_within_half_a_step_and_its_integers_within_their_bits(
    exponent: int, bits: int
) -> None:
    values = noise(3, 50, seed=bits) * 2.0**exponent

    grid = exact.to_grid(values, bits)

    assert grid.integers.abs().max() <= 2**bits
    assert ((grid.integers * grid.scale() - values).abs() <= grid.scale() * 0.5).all()


def test_zeros_stay_positive_zeros() -> None:
    layer = exact.Linear(-torch.ones(3, 5))

    assert not torch.signbit(layer(torch.zeros(2, 5, dtype=torch.float64))).any()


@pytest.mark.parametrize("inputs", [64, 2048, 5000])
def test_linear_layers_are_near_float64(inputs: int) -> None:
    weight, x, bias = (
        noise(7, inputs, seed=1),
        noise(5, inputs, seed=2),
        noise(7, seed=3),
    )

    difference = exact.Linear(weight, bias)(x) - (x @ weight.T + bias)

    assert difference.abs().max() < 1e-6 * inputs


def test_norms_and_log_sum_exp_are_near_float64() -> None:
    x, weight, bias = noise(6, 300, seed=1), noise(300, seed=2), noise(300, seed=3)

    assert (
        exact.rms_norm(x, weight, 1e-5)
        - torch.nn.functional.rms_norm(x, (300,), weight, 1e-5)
    ).abs().max() < 2e-6
    expected = torch.nn.functional.layer_norm(x, (300,), weight, bias, 1e-5)
    assert (exact.layer_norm(x, weight, bias, 1e-5) - expected).abs().max() < 2e-6
    assert (exact.log_sum_exp(x) - x.logsumexp(-1, keepdim=True)).abs().max() < 1e-9


def test_attention_is_near_float64_and_hidden_keys_count_for_nothing() -> None:
    queries, keys, values = (noise(2, 3, 10, 16, seed=seed) for seed in (1, 2, 3))
    seen = torch.ones(10, 10, dtype=torch.bool).tril()

    mixed = exact.attend(queries, keys, values, seen, scale=0.25, exponent=3)

    expected = torch.nn.functional.scaled_dot_product_attention(
        queries, keys, values, seen, scale=0.25
    )
    assert (mixed - expected).abs().max() < 1e-5
    assert (exact.softmax_grid(noise(4, 10, seed=4), seen[:4])[0, 1:] == 0).all()


def test_values_above_the_weights_bound_are_refused() -> None:
    one = torch.full((1, 1, 2), 9.0, dtype=torch.float64)

    with pytest.raises(exact.OutOfBounds, match="above 2"):
        exact.attend(
            one, one, one, torch.ones(1, 1, dtype=torch.bool), scale=1.0, exponent=3
        )


def test_rotations_are_the_cosines_and_sines_of_their_angles() -> None:
    rotation = exact.Rotation(width=8, base=10000.0, positions=2048)

    for position, pair in [(0, 0), (1, 0), (2047, 0), (2047, 3), (1000, 2)]:
        angle = position * 10000.0 ** (-2 * pair / 8)
        assert rotation.cosines[position, pair].item() == pytest.approx(
            math.cos(angle), abs=1e-12
        )
        assert rotation.sines[position, pair].item() == pytest.approx(
            math.sin(angle), abs=1e-12
        )


def test_rotation_keeps_lengths() -> None:
    x = noise(3, 20, 8, seed=1)

    turned = exact.Rotation(width=8, base=10000.0, positions=20)(x, torch.arange(20))

    assert torch.allclose(turned.norm(dim=-1), x.norm(dim=-1), rtol=1e-14)
