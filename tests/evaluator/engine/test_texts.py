"""Generation and language modelling, against plain passes of transformers."""

import json
import math
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from evaluator import engine
from evaluator.engine.task_types.language_modelling import windows
from evaluator.job import Job
from tests.evaluator.engine import tiny

PROMPTS = [
    {"id": "p0", "prompt": "the cat"},
    {"id": "p1", "prompt": "a b " * 90},
    {"id": "p2", "prompt": "th"},
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_llama(
        tmp_path_factory.mktemp("models") / "llama", max_position_embeddings=64
    )


def run(task: str, options: dict, model: Path, rows: list, folder: Path) -> dict:
    inputs = tiny.write_rows(folder / "inputs.jsonl", rows)
    engine.run(Job(task, options, model, None, inputs, model), folder / "out.jsonl")
    lines = (folder / "out.jsonl").read_text("utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


@torch.inference_mode()
def greedy(model: LlamaForCausalLM, tokenizer: Tokenizer, prompt: str, new: int) -> str:
    """The whole sequence again for each token."""
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids[-(64 - new) :]
    start = len(ids)
    while len(ids) < start + new:
        token = int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
        if token == model.config.eos_token_id:
            break
        ids.append(token)
    return tokenizer.decode(ids[start:])


def test_a_prompt_is_continued_greedily(llama: Path, tmp_path: Path):
    model = LlamaForCausalLM.from_pretrained(llama).eval()
    tokenizer = Tokenizer.from_file(str(llama / "tokenizer.json"))
    tokenizer.no_padding()

    found = run("generation", {"max_new_tokens": 12}, llama, PROMPTS, tmp_path)

    for row in PROMPTS:
        expected = greedy(model, tokenizer, row["prompt"], 12)
        assert found[row["id"]]["text"] == expected
    assert any(row["text"] for row in found.values())


def test_a_text_ends_before_the_first_stop(llama: Path, tmp_path: Path):
    whole = run("generation", {"max_new_tokens": 12}, llama, PROMPTS[:1], tmp_path)
    text = whole["p0"]["text"]
    stop = text[len(text) // 2]

    cut = run(
        "generation",
        {"max_new_tokens": 12, "until": [stop]},
        llama,
        PROMPTS[:1],
        tmp_path,
    )

    assert cut["p0"]["text"] == text[: text.index(stop)]


def test_a_text_gets_the_likelihood_of_each_token_once(llama: Path, tmp_path: Path):
    model = LlamaForCausalLM.from_pretrained(llama).eval()
    tokenizer = Tokenizer.from_file(str(llama / "tokenizer.json"))
    tokenizer.no_padding()
    text = "the bath and then that cat"
    ids = [0, *tokenizer.encode(text, add_special_tokens=False).ids]
    with torch.inference_mode():
        table = model(input_ids=torch.tensor([ids])).logits[0].double().log_softmax(-1)
    expected = sum(float(table[i - 1, ids[i]]) for i in range(1, len(ids)))

    found = run(
        "language_modelling", {"max_tokens": 64}, llama, [{"id": "a", "text": text}],
        tmp_path,
    )  # fmt: skip

    assert float.fromhex(found["a"]["scores"][0]) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("window", "stride"), [(8, 8), (8, 3), (5, 1), (100, 10)])
def test_windows_predict_every_token_but_the_first_once(window: int, stride: int):
    tokens = list(range(50))

    pieces = list(windows(tokens, window, stride))

    fresh = [token for piece, new in pieces for token in piece[-new:]]
    assert fresh == tokens[1:]
    assert all(len(piece) <= window + 1 for piece, _ in pieces)


def test_longer_texts_are_read_in_windows(llama: Path, tmp_path: Path):
    rows = [{"id": "long", "text": "the cat sat on a bath " * 30}]

    far = run("language_modelling", {"max_tokens": 64}, llama, rows, tmp_path)
    near = run(
        "language_modelling", {"max_tokens": 64, "stride": 16}, llama, rows, tmp_path
    )

    values = [float.fromhex(one["long"]["scores"][0]) for one in (far, near)]
    assert all(math.isfinite(value) and value < 0 for value in values)
    assert values[0] != values[1]
