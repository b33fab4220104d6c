"""Every admitted architecture: what save_pretrained writes is admitted and runs."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from assay.protocol.admission import AdmissionRules, BytesRange, inspect_files
from assay.protocol.admission.architectures import ARCHITECTURES
from evaluator import engine
from evaluator.engine.architectures import ARCHITECTURES as CLASSES
from evaluator.jail.run import run_in_jail
from evaluator.job import Job, Limits, Measured
from tests import families
from tests.evaluator.engine import tiny

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

QUESTION = {"id": "q", "context": "the cat sat on", "choices": ["a mat", "the bath"]}
LIMITS = Limits(memory_bytes=4 << 30, cpu_seconds=120, wall_seconds=300)


def findings(folder: Path) -> list[str]:
    files = {file.name: BytesRange(file.read_bytes()) for file in folder.iterdir()}
    return list(map(str, inspect_files(files, AdmissionRules())))


def test_the_tests_know_every_architecture():
    assert families.FAMILIES.keys() == ARCHITECTURES.keys()
    assert CLASSES.keys() == families.FAMILIES.keys()


@pytest.mark.parametrize("name", families.FAMILIES)
def test_what_is_saved_is_admitted_whole_in_halves_and_in_shards(name, tmp_path):
    model = families.tiny(name)
    for folder, save in (
        ("whole", model.save_pretrained),
        ("shards", lambda to: model.save_pretrained(to, max_shard_size="20KB")),
        ("halves", lambda to: model.bfloat16().save_pretrained(to)),
    ):
        save(tmp_path / folder)
        assert findings(tmp_path / folder) == []
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 1


@torch.inference_mode()
def likelihoods(model, folder: Path) -> list[float]:
    """One whole pass a choice."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    start = len(tokenizer.encode(QUESTION["context"], add_special_tokens=False).ids)
    found = []
    for choice in QUESTION["choices"]:
        text = f"{QUESTION['context']} {choice}"
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        table = model(input_ids=torch.tensor([ids])).logits[0].double().log_softmax(-1)
        found.append(sum(float(table[i - 1, ids[i]]) for i in range(start, len(ids))))
    return found


def saved(name: str, folder: Path, **options) -> Path:
    families.tiny(name).save_pretrained(folder, **options)
    tiny.save_tokenizer(folder)
    return folder


@pytest.mark.parametrize("name", families.DECODERS)
def test_a_decoder_scores_choices_as_whole_passes_do(name, tmp_path):
    model = saved(name, tmp_path / "model", max_shard_size="20KB")
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", [QUESTION])
    plain = CLASSES[name].model.from_pretrained(model, attn_implementation="eager")

    engine.run(tiny.choice_job(model, inputs), tmp_path / "out.jsonl")

    found = tiny.read_scores(tmp_path / "out.jsonl")["q"]
    assert found == pytest.approx(likelihoods(plain.eval(), model), abs=2e-3)


@pytest.mark.parametrize("name", [*families.DECODERS, *families.CLASSIFIERS])
@pytest.mark.jail
def test_a_tiny_one_runs_in_the_jail(name, tmp_path):
    model = saved(name, tmp_path / "model")
    if name in families.DECODERS:
        inputs = tiny.write_rows(
            tmp_path / "inputs.jsonl", [{"id": "p", "prompt": "a b"}]
        )
        job = Job("generation", {"max_new_tokens": 4}, model, None, inputs, model)
    else:
        inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.texts())
        job = tiny.label_job(model, inputs)

    outcome = run_in_jail(job, LIMITS, lambda _done, _total: True)

    assert isinstance(outcome, Measured), outcome
    assert outcome.outputs
