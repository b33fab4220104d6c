"""Vectors, likeness and rewards, against plain passes of transformers."""

import math
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from evaluator import engine
from evaluator.engine.faults import ModelFault
from evaluator.job import Job
from tests import families
from tests.evaluator.engine import tiny

pytestmark = pytest.mark.filterwarnings("ignore")
PREFERENCES = [{"id": "a", "context": "the cat", "choices": ["sat", "a bath"]}]


def saved(name: str, folder: Path, **changes) -> Path:
    families.tiny(name, **changes).save_pretrained(folder)
    tiny.save_tokenizer(folder)
    return folder


def run(task: str, options: dict, model: Path, rows: list, folder: Path) -> dict:
    inputs = tiny.write_rows(folder / "inputs.jsonl", rows)
    engine.run(Job(task, options, model, None, inputs, model), folder / "out.jsonl")
    return tiny.read_scores(folder / "out.jsonl")


@torch.inference_mode()
def direction(name: str, folder: Path, text: str, pooling: str) -> torch.Tensor:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    states = families.tiny(name)(torch.tensor([tokenizer.encode(text).ids]))[0][0]
    pooled = (states[0] if pooling == "cls" else states.mean(0)).double()
    return pooled / pooled.norm()


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("name", families.BODIES)
def test_a_text_becomes_a_direction(name: str, pooling: str, tmp_path: Path):
    model = saved(name, tmp_path / "model")
    rows = [{"id": "d", "text": "the cat sat", "role": "document"}]

    found = run("retrieval", {"pooling": pooling}, model, rows, tmp_path)["d"]

    expected = direction(name, model, "the cat sat", pooling)
    assert found == pytest.approx(expected.tolist(), abs=1e-4)
    assert math.fsum(x * x for x in found) == pytest.approx(1, abs=1e-5)


def test_equal_texts_are_alike(tmp_path: Path):
    model = saved("BertModel", tmp_path / "model")
    rows = [
        {"id": "same", "first": "a bath", "second": "a bath"},
        {"id": "other", "first": "a bath", "second": "then that cat"},
    ]

    found = run("similarity", {}, model, rows, tmp_path)

    assert found["same"] == [pytest.approx(1)]
    assert found["other"][0] < 0.999


def test_a_decoder_prefers_by_likelihood(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")

    found = run("preference", {}, model, PREFERENCES, tmp_path)

    assert found == run("multiple_choice", {}, model, PREFERENCES, tmp_path)


@pytest.mark.parametrize("name", families.CLASSIFIERS)
def test_a_head_with_one_output_rewards_each_answer(name: str, tmp_path: Path):
    model = saved(name, tmp_path / "model", num_labels=1)

    found = run("preference", {}, model, PREFERENCES, tmp_path)["a"]

    assert len(found) == 2
    assert found[0] != found[1]


def test_a_head_with_several_outputs_is_no_reward(tmp_path: Path):
    model = saved("BertForSequenceClassification", tmp_path / "model")

    with pytest.raises(ModelFault) as refused:
        run("preference", {}, model, PREFERENCES, tmp_path)

    assert refused.value.code == "labels_mismatch"
