import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from evaluator.engine import llama, pieces
from evaluator.engine.likelihood import ModuleLikelihoods
from evaluator.engine.loading import load_model
from evaluator.engine.packed_likelihood import PackedLikelihoods
from evaluator.engine.packing import PackedLinear
from evaluator.engine.trie import Continuation, grow
from tests.evaluator.engine import tiny

BIASED = {"attention_bias": True, "mlp_bias": True}
TURNED = {
    "rope_parameters": {
        "rope_type": "llama3",
        "rope_theta": 10000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
}


def question(*parts: Sequence[int]) -> list[Continuation]:
    """A context, then the choices after it."""
    context, *choices = parts
    return [Continuation((*context, *choice), len(context)) for choice in choices]


def tokens(count: int, seed: int) -> list[int]:
    found = torch.randint(
        40, (count,), generator=torch.Generator().manual_seed(seed)
    ).tolist()
    return list(found)


def few_shot() -> list[list[Continuation]]:
    """Two questions behind one long beginning, and short ones."""
    shared = tokens(150, 1)
    return [
        question(shared + tokens(9, 2), tokens(3, 3), tokens(5, 4)),
        question(tokens(4, 5), tokens(6, 6), [7]),
        question(shared + tokens(70, 8), tokens(2, 9), tokens(2, 10)),
        question([1], tokens(130, 11), tokens(3, 12)),
    ]


@pytest.fixture(
    scope="module", params=[{}, BIASED, TURNED], ids=["plain", "biased", "rope"]
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tiny.save_llama(tmp_path_factory.mktemp("model") / "m", **request.param)
    torch.set_num_threads(1)
    return load_model(tiny.choice_job(folder, folder))


def packed(model: LlamaForCausalLM) -> PackedLikelihoods:
    return PackedLikelihoods(llama.Llama(model))


@torch.inference_mode()
def test_packed_questions_get_what_transformers_modules_give(model: LlamaForCausalLM):
    expected = list(ModuleLikelihoods(model)(few_shot()))

    found = list(packed(model)(few_shot()))

    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-4)


@torch.inference_mode()
def test_a_question_has_the_same_bits_alone_and_beside_those_it_shares_blocks_with(
    model: LlamaForCausalLM,
):
    together = packed(model)
    found = list(together(few_shot()))
    again = list(together(few_shot()[::-1]))[::-1]

    assert again == found
    for index, one in enumerate(few_shot()):
        assert list(packed(model)([one])) == [found[index]]


@torch.inference_mode()
def test_a_beginning_that_questions_share_is_run_once(model: LlamaForCausalLM):
    alone, together = packed(model), packed(model)
    first, second = few_shot()[0], few_shot()[2]

    list(alone([first]))
    list(together([first, first, first]))
    list(together([second]))

    assert alone.tokens == 128 + (159 - 128) + 2 + 4
    assert together.tokens == 128 + 3 * 37 + (220 - 128) + 1 + 1


@torch.inference_mode()
def test_blocks_that_were_dropped_are_computed_again_to_the_same_bits(
    model: LlamaForCausalLM,
):
    runner = llama.Llama(model)
    runner.blocks = llama.Blocks(bound=0)
    forgetful = PackedLikelihoods(runner)
    found = [next(forgetful([one])) for one in few_shot()]

    assert found == list(packed(model)(few_shot()))


@pytest.mark.parametrize(("inner", "outer"), [(576, 960), (1536, 576), (48, 40)])
def test_a_row_of_a_packed_product_does_not_depend_on_the_rows_beside_it(
    inner: int, outer: int
):
    torch.manual_seed(2)
    layer = PackedLinear(torch.nn.Linear(inner, outer))
    states, other = torch.randn(1040, inner), torch.randn(1040, outer)
    whole = (layer(states), layer.silu(states), layer.plus(states, other))

    for rows in (16, 32, 48, 208, 1008):
        some = states[-rows:].clone()
        assert torch.equal(layer(some), whole[0][-rows:])
        assert torch.equal(layer.silu(some), whole[1][-rows:])
        assert torch.equal(layer.plus(some, other[-rows:].clone()), whole[2][-rows:])


def test_a_question_is_cut_where_it_alone_says():
    shared = tokens(150, 1)
    found = pieces.cut(grow(question(shared, [1, 2], [3, 4])))

    assert [len(piece.tokens) for piece in found.pieces] == [64, 64, 22 + 2]
    assert found.pieces[1].past == (tuple(shared[:64]),)
    assert found.tail.past == (tuple(shared[:64]), tuple(shared[:128]))
    assert found.tail.parents[0] == -1


def test_questions_are_packed_in_order_up_to_the_size_of_a_pass():
    cuts = [
        pieces.cut(grow(question(tokens(60, seed), [1], [2]))) for seed in range(40)
    ]

    found = list(pieces.packs(cuts, set()))

    assert [one for pack in found for one in pack] == cuts
    assert [len(pack) for pack in found] == [17, 17, 6]


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_weights_stored_in_half_are_run_in_float32(kind: torch.dtype, tmp_path: Path):
    folder = tiny.save_llama(tmp_path / "m")
    LlamaForCausalLM.from_pretrained(folder).to(kind).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["dtype"] == str(kind)[6:]

    model = load_model(tiny.choice_job(folder, folder))

    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert model.lm_head.packed.dtype == torch.float32
