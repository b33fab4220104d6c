import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, LlamaForCausalLM

from evaluator import engine
from evaluator.job import Job
from tests.evaluator.engine import tiny

# peft asks an old question of transformers
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing")

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_llama(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_bert(tmp_path_factory.mktemp("models") / "bert")


def scores(job: Job, tmp_path: Path) -> dict[str, list[float]]:
    out = tmp_path / "outputs.jsonl"
    engine.run(job, out)
    return tiny.read_scores(out)


def choice_scores(model: Path, rows: list, tmp_path: Path) -> dict[str, list[float]]:
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", rows)
    return scores(tiny.choice_job(model, inputs), tmp_path)


def plain(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    return tokenizer


@torch.inference_mode()
def straightforward(model: LlamaForCausalLM, folder: Path, row: dict) -> list[float]:
    """One whole forward pass per choice, log-softmax over every position."""
    tokenizer = plain(folder)
    totals = []
    for choice in row["choices"]:
        whole = tokenizer.encode(
            f"{row['context']} {choice}", add_special_tokens=False
        ).ids
        start = len(
            tokenizer.encode(row["context"].rstrip(), add_special_tokens=False).ids
        )
        if start == 0:
            whole, start = [0, *whole], 1
        logits = model(input_ids=torch.tensor([whole])).logits[0].double()
        table = torch.log_softmax(logits, dim=-1)
        totals.append(
            sum(float(table[i - 1, whole[i]]) for i in range(start, len(whole)))
        )
    return totals


def test_choices_get_the_likelihood_that_whole_passes_give(llama: Path, tmp_path: Path):
    model = LlamaForCausalLM.from_pretrained(llama).eval()

    found = choice_scores(llama, tiny.questions(), tmp_path)

    for row in tiny.questions():
        expected = straightforward(model, llama, row)
        assert found[row["id"]] == pytest.approx(expected, abs=1e-4)
        best = max(range(len(expected)), key=expected.__getitem__)
        assert max(range(len(expected)), key=found[row["id"]].__getitem__) == best


def test_equal_choices_get_equal_bits(llama: Path, tmp_path: Path):
    found = choice_scores(llama, tiny.questions(), tmp_path)

    assert found["q3"][0] == found["q3"][2]


def test_labels_get_the_log_softmax_of_the_models_logits(bert: Path, tmp_path: Path):
    model = BertForSequenceClassification.from_pretrained(bert).eval()
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.texts())

    found = scores(tiny.label_job(bert, inputs), tmp_path)

    for row in tiny.texts():
        ids = plain(bert).encode(row["text"]).ids
        ids = ids if len(ids) <= 32 else [*ids[:31], 1]
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids])).logits[0].double()
        expected = torch.log_softmax(logits, dim=-1).tolist()
        assert found[row["id"]] == pytest.approx(expected, abs=1e-4)


def test_order_and_company_of_examples_do_not_change_a_bit(llama: Path, tmp_path: Path):
    rows = tiny.questions()
    alone = choice_scores(llama, rows, tmp_path)
    shuffled = random.Random(4).sample(rows, len(rows))

    assert choice_scores(llama, shuffled, tmp_path) == alone
    for row in rows:
        assert choice_scores(llama, [row], tmp_path) == {row["id"]: alone[row["id"]]}


def test_outputs_stand_in_the_order_of_the_inputs(llama: Path, tmp_path: Path):
    found = choice_scores(llama, tiny.questions()[::-1], tmp_path)

    assert list(found) == ["q4", "q3", "q2", "q1", "q0"]


def test_a_new_process_that_is_told_to_use_two_threads_gives_the_same_bits(
    llama: Path, tmp_path: Path
):
    here = choice_scores(llama, tiny.questions(), tmp_path)
    job = tiny.choice_job(llama, tmp_path / "inputs.jsonl")
    out = tmp_path / "elsewhere.jsonl"
    script = (
        "import json, sys; from pathlib import Path; from evaluator import engine; "
        "from evaluator.job import Job; "
        "engine.run(Job.from_document(json.loads(sys.argv[1])), Path(sys.argv[2]))"
    )

    subprocess.run(
        [sys.executable, "-c", script, json.dumps(job.to_document()), str(out)],
        check=True,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
    )

    assert tiny.read_scores(out) == here


def test_progress_counts_every_example(llama: Path, tmp_path: Path):
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())
    seen: list[tuple[int, int]] = []

    engine.run(
        tiny.choice_job(llama, inputs),
        tmp_path / "outputs.jsonl",
        lambda done, total: seen.append((done, total)),
    )

    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_an_adapter_gives_what_its_merged_model_gives(llama: Path, tmp_path: Path):
    adapter = tiny.save_adapter(tmp_path / "adapter", llama)
    merged = PeftModel.from_pretrained(
        LlamaForCausalLM.from_pretrained(llama), adapter
    ).merge_and_unload()
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())

    found = scores(tiny.choice_job(adapter, inputs, base=llama), tmp_path)
    base = choice_scores(llama, tiny.questions(), tmp_path)

    for row in tiny.questions():
        expected = straightforward(merged, llama, row)
        assert found[row["id"]] == pytest.approx(expected, abs=1e-4)
        assert found[row["id"]] != pytest.approx(base[row["id"]], abs=1e-2)


def test_a_long_context_loses_its_oldest_tokens(llama: Path, tmp_path: Path):
    ending = "c d e f g h i j " * 32
    rows = [
        {"id": "cut", "context": "a b " * 300 + ending, "choices": ["the", "z"]},
        {"id": "other", "context": "x y " * 300 + ending, "choices": ["the", "z"]},
    ]

    found = choice_scores(llama, rows, tmp_path)

    assert found["cut"] == found["other"]
