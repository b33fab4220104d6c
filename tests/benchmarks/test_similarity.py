"""The short form of `make bench-similarity`: real weights, known kinship."""

import os
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.relatives import Shop, beneath_a_declared_base, strangers, undeclared
from benchmarks.similarity import Bench
from examples.base_models.prepare import prepare

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("ASSAY_BASE_MODELS") or ROOT / "var/cache/base_models")

pytestmark = [
    pytest.mark.model,
    # peft asks transformers for a name that transformers has deprecated.
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning"),
]


@pytest.fixture(scope="module")
def shop() -> Shop:
    """One step of training a fine-tune."""
    prepare(CACHE, "minilm-l6-banking77")
    return Shop(CACHE, steps=1, large=False)


def test_children_that_declare_nothing_are_flagged(shop: Shop):
    bench = Bench()
    found = [bench.verdict(p) for p in islice(undeclared(shop.small, "", shop), 12)]

    assert [v.pair.kind for v in found if not v.flagged] == []


def test_a_copied_fine_tune_is_flagged_though_the_base_is_declared(shop: Shop):
    bench = Bench()
    found = [bench.verdict(pair) for pair in islice(beneath_a_declared_base(shop), 3)]

    assert [v.pair.kind for v in found if not v.flagged] == []


def test_siblings_are_not_flagged(shop: Shop):
    bench = Bench()
    found = [bench.verdict(pair) for pair in islice(strangers(shop), 0, 16, 2)]

    assert [v.pair.kind for v in found if v.evidence] == []
