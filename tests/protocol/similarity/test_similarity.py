"""Weights tell whose child a model is, and nothing else does."""

import json
import zlib
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.similarity import (
    Sketch,
    compare,
    has_family,
    index_keys,
    pack,
    sketch_files,
    unpack,
)
from assay.protocol.similarity.sketching import _pieces, floats_of
from tests.builders import networks
from tests.builders.networks import Weights, as_bytes

BASE = networks.network(1)
TUNED = networks.tuned(BASE, seed=2)
OTHER = networks.tuned(BASE, seed=3)


@dataclass(frozen=True)
class Held:
    """Bytes that are read piece by piece."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        return self.content[offset : offset + length]


def sketched(weights: Weights, dtype: str = "F32") -> Sketch:
    return sketch_files({"model.safetensors": Held(as_bytes(weights, dtype))})


@pytest.mark.parametrize(
    ("child", "kind"),
    [
        (BASE, "exact"),
        (networks.tuned(BASE, seed=9, size=0.05), "near"),
        (networks.noised(BASE, 9, 0.01), "near"),
        (networks.noised(BASE, 9, 1.0), "near"),
        (networks.quantised(BASE, 8), "near"),
        (networks.quantised(BASE, 4), "near"),
        (networks.averaged(BASE, TUNED), "near"),
        (networks.averaged(BASE, networks.network(77)), "near"),
        (networks.reordered(BASE), "exact"),
        (networks.reordered(networks.tuned(BASE, seed=9)), "near"),
    ],
)
def test_a_child_that_declares_nothing_is_found(child: Weights, kind: str):
    found = compare(sketched(child), sketched(BASE))

    assert found is not None
    assert found.kind == kind
    assert found.share > 0.5
    assert found.matches[0].cosine > 0.5


def test_narrower_numbers_do_not_hide_a_model():
    found = compare(sketched(BASE, "F16"), sketched(BASE))

    assert found is not None
    assert (found.kind, round(found.similarity, 3)) == ("near", 1.0)


def test_hidden_units_in_another_order_are_found_by_their_norms():
    every = {k: v for k, v in BASE.items() if "up" in k or "down" in k}

    found = compare(sketched(networks.shuffled(every, 5)), sketched(every))

    assert found is not None
    assert found.kind == "layout"


@pytest.mark.parametrize("seed", range(20, 32))
def test_strangers_are_no_family(seed: int):
    stranger = networks.network(seed)

    assert compare(sketched(stranger), sketched(BASE)) is None
    assert compare(sketched(stranger), sketched(TUNED), [sketched(BASE)]) is None
    assert not has_family(sketched(stranger), sketched(BASE))


def test_a_declared_parent_explains_what_comes_from_it():
    assert compare(sketched(TUNED), sketched(BASE), [sketched(BASE)]) is None
    assert has_family(sketched(TUNED), sketched(BASE))


def test_siblings_of_one_declared_base_are_not_each_others_children():
    assert compare(sketched(OTHER), sketched(TUNED), [sketched(BASE)]) is None


@pytest.mark.parametrize(
    ("child", "kind"),
    [
        (TUNED, "exact"),
        (networks.noised(TUNED, 9, 0.003), "near"),
        (networks.noised(TUNED, 9, 0.03), "hidden"),
        (networks.quantised(TUNED, 8), "near"),
        (networks.averaged(TUNED, BASE), "near"),
        (networks.averaged(TUNED, OTHER), "near"),
        (networks.tuned(TUNED, seed=8, size=0.01), "near"),
        (networks.tuned(TUNED, seed=8, size=0.03), "hidden"),
    ],
)
def test_a_copied_change_is_found_though_the_base_is_declared(
    child: Weights, kind: str
):
    found = compare(sketched(child), sketched(TUNED), [sketched(BASE)])

    assert found is not None
    assert found.kind == kind


def test_heads_that_are_trained_alone_prove_nothing_unless_they_are_equal():
    """The same few numbers, trained to the same optimum by two people."""
    random = np.random.default_rng(4)
    optimum = random.normal(size=(16, 64)).astype(np.float32)

    def head(seed: int) -> Weights:
        random = np.random.default_rng(seed)
        off = 0.2 * random.normal(size=optimum.shape)
        return {**BASE, "head": (optimum + off).astype(np.float32)}

    start: Weights = {**BASE, "head": random.normal(size=(16, 64)).astype(np.float32)}
    one, other = sketched(head(5)), sketched(head(6))

    assert compare(one, other, [sketched(start)]) is None
    again = compare(sketched(head(5)), one, [sketched(start)])
    assert again is not None
    assert again.kind == "exact"


def test_what_starts_at_random_in_every_adapter_is_no_fingerprint():
    random = np.random.default_rng(0)
    drawn = random.normal(size=(8, 384)).astype(np.float32)

    def adapter(seed: int) -> Sketch:
        learnt = np.random.default_rng(seed).normal(size=(384, 8)).astype(np.float32)
        return sketched({"m.lora_A.weight": drawn, "m.lora_B.weight": learnt})

    assert compare(adapter(1), adapter(2)) is None
    same = compare(adapter(1), adapter(1))
    assert same is not None
    assert [match.name for match in same.matches] == ["m.lora_B.weight"]


def test_identities_tables_and_norms_are_no_fingerprint():
    common: Weights = {
        "eye": np.eye(64, dtype=np.float32),
        "norm": np.ones(4096, dtype=np.float32),
        "small": np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32),
    }

    assert compare(sketched(common), sketched(common)) is None


def test_numbers_that_are_not_finite_do_not_spoil_a_sketch():
    broken = dict(BASE)
    broken["words"] = BASE["words"].copy()
    broken["words"][0, 0] = np.nan
    broken["words"][0, 1] = np.inf

    found = compare(sketched(broken), sketched(BASE))

    assert found is not None
    assert np.isfinite(found.similarity)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(1, 700), st.sampled_from(["F32", "F16"]))
def test_pieces_are_the_whole_whatever_the_shape(rows: int, columns: int, dtype: str):
    """Sums over pieces equal one product with the whole matrix of signs."""
    random = np.random.default_rng(rows * columns)
    weights = {"w": random.normal(size=(rows, columns)).astype(np.float32)}

    (tensor,) = sketched(weights, dtype).tensors

    square = float(
        np.square(weights["w"].astype(np.float16 if dtype == "F16" else np.float32))
        .astype(np.float64)
        .sum()
    )
    assert tensor.square == pytest.approx(square, rel=1e-2)
    size = float(tensor.vector @ tensor.vector)
    assert size == pytest.approx(tensor.square, rel=0.5) or tensor.elements < 600


def test_a_large_tensor_is_read_in_pieces_and_kept_linear(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("assay.protocol.similarity.sketching.PIECE", 4096)
    random = np.random.default_rng(1)
    one, other = (random.normal(size=(300, 130)).astype(np.float32) for _ in range(2))

    first, second, both = (
        sketched({"w": w}).tensors[0] for w in (one, other, one - other)
    )

    assert np.allclose(first.vector - second.vector, both.vector, atol=1e-2)
    monkeypatch.undo()
    whole = sketched({"w": one}).tensors[0]
    assert np.allclose(whole.vector, first.vector, atol=1e-3)
    assert np.allclose(whole.profile, first.profile, atol=1e-5)
    assert whole.digest == first.digest
    tensor = SimpleNamespace(begin=0, end=0, elements=0, shape=(0,))
    assert list(_pieces(Held(b""), tensor, 0)) == []


def test_bfloat16_is_read_as_the_upper_half_of_float32():
    numbers = np.array([1.0, -2.5, 3e38], np.float32)
    raw = (numbers.view(np.uint32) >> 16).astype("<u2").tobytes()

    assert list(floats_of(raw, "BF16")[:2]) == [1.0, -2.5]
    assert floats_of(raw, "BF16")[2] == 1e9  # clipped, so that squares stay finite


def test_a_sketch_is_the_same_after_it_was_packed():
    made = sketched(TUNED)

    again = unpack(pack(made))

    assert pack(again) == pack(made)
    found = compare(again, sketched(TUNED))
    assert found is not None
    with pytest.raises(Invalid):
        unpack(pack(made).replace(pack(made)[8:], b"")[:8] + _other_format())


def _other_format() -> bytes:
    return zlib.compress(json.dumps({"format": "other", "tensors": []}).encode())


def test_relatives_share_keys_and_strangers_hardly_any():
    base = sketched(BASE)
    own = index_keys(base)

    relative = len(own & index_keys(sketched(networks.noised(BASE, 9, 0.3))))
    strangers = [len(own & index_keys(sketched(networks.network(n)))) for n in (50, 51)]

    assert relative > 10
    assert max(strangers) <= 3
    copied = sketched(networks.noised(TUNED, 9, 0.003))
    shared = index_keys(sketched(TUNED), root=base, family="b") & index_keys(
        copied, root=base, family="b"
    )
    siblings = index_keys(sketched(TUNED), root=base, family="b") & index_keys(
        sketched(OTHER), root=base, family="b"
    )
    assert len(shared) > 10
    assert len(siblings) <= 3
