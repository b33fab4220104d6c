import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from assay.protocol.errors import Invalid
from evaluator import engine
from tests.evaluator.engine import tiny

# peft asks an old question of transformers
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing")


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_weights(folder: Path, name: str, weight: torch.Tensor | None) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights.pop(name, None)
    if weight is not None:
        weights[name] = weight
    save_file(weights, path, metadata={"format": "pt"})


def choice_code(model: Path, rows: list, tmp_path: Path) -> str:
    """The code of the model's fault."""
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", rows)
    with pytest.raises(engine.ModelFault) as caught:
        engine.run(tiny.choice_job(model, inputs), tmp_path / "out.jsonl")
    return caught.value.code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"auto_map": {"AutoModel": "evil.Model"}}, "config_forbidden_key"),
        ({"quantization_config": {"quant_method": "gptq"}}, "config_forbidden_key"),
        ({"attn_implementation": "somebody/kernels"}, "config_forbidden_key"),
        ({"architectures": ["EvilForCausalLM"]}, "architecture_unknown"),
        ({"architectures": []}, "architecture_unknown"),
        ({"architectures": "LlamaForCausalLM"}, "architecture_unknown"),
        (
            {"architectures": ["BertForSequenceClassification"]},
            "architecture_unfit",
        ),
        ({"model_type": "mistral"}, "architecture_unfit"),
        ({"hidden_act": "no_such_function"}, "weights_unloadable"),
        ({"hidden_size": 24, "head_dim": 4}, "weights_unloadable"),
        ({"num_hidden_layers": 4}, "weights_incomplete"),
        ({"num_hidden_layers": 2}, "weights_incomplete"),
    ],
)
def test_a_configuration_that_breaks_a_rule_is_the_models_fault(
    tmp_path: Path, changes: dict, code: str
):
    model = tiny.save_llama(tmp_path / "model")
    change_config(model, **changes)

    assert choice_code(model, tiny.questions(), tmp_path) == code


def test_a_missing_tensor_is_not_filled_with_random_numbers(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")
    change_weights(model, "model.layers.1.mlp.up_proj.weight", None)

    assert choice_code(model, tiny.questions(), tmp_path) == "weights_incomplete"


def test_a_tensor_for_no_part_of_the_model_is_refused(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")
    change_weights(model, "lora.weight", torch.ones(2))

    assert choice_code(model, tiny.questions(), tmp_path) == "weights_incomplete"


def test_weights_that_give_nan_get_no_score(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")
    change_weights(model, "model.norm.weight", torch.full((48,), torch.nan))

    assert choice_code(model, tiny.questions(), tmp_path) == "scores_not_finite"


def test_a_folder_with_only_pickled_weights_is_not_read(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")

    assert choice_code(model, tiny.questions(), tmp_path) == "weights_unloadable"


def test_a_pickle_named_safetensors_is_not_run(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model")
    mark = tmp_path / "ran"
    evil = f"cos\nsystem\n(S'touch {mark}'\ntR.".encode()
    (model / "model.safetensors").write_bytes(evil)

    assert choice_code(model, tiny.questions(), tmp_path) == "weights_unloadable"
    assert not mark.exists()


def test_a_vocabulary_smaller_than_the_tokenizers_is_the_models_fault(tmp_path: Path):
    model = tiny.save_llama(tmp_path / "model", vocab_size=20)

    assert choice_code(model, tiny.questions(), tmp_path) == "vocabulary_too_small"


def test_a_head_with_another_number_of_labels_is_the_models_fault(tmp_path: Path):
    model = tiny.save_bert(tmp_path / "model", num_labels=5)
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.texts())

    with pytest.raises(engine.ModelFault) as caught:
        engine.run(tiny.label_job(model, inputs), tmp_path / "out.jsonl")

    assert caught.value.code == "labels_mismatch"


def test_an_adapter_with_a_part_missing_is_refused(tmp_path: Path):
    base = tiny.save_llama(tmp_path / "base")
    adapter = tiny.save_adapter(tmp_path / "adapter", base)
    path = adapter / "adapter_model.safetensors"
    weights = load_file(path)
    weights.pop(min(weights))
    save_file(weights, path)
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())

    with pytest.raises(engine.ModelFault) as caught:
        engine.run(tiny.choice_job(adapter, inputs, base), tmp_path / "out.jsonl")

    assert caught.value.code == "adapter_incomplete"


def test_an_adapter_of_another_kind_is_refused(tmp_path: Path):
    base = tiny.save_llama(tmp_path / "base")
    adapter = tiny.save_adapter(tmp_path / "adapter", base)
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"peft_type": "IA3"}))
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())

    with pytest.raises(engine.ModelFault) as caught:
        engine.run(tiny.choice_job(adapter, inputs, base), tmp_path / "out.jsonl")

    assert caught.value.code == "adapter_unreadable"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"id": "q", "context": "a"}, "inputs_unreadable"),
        ({"id": "q", "context": "a", "choices": []}, "inputs_unreadable"),
        ({"id": "q", "context": "a", "choices": [1]}, "inputs_unreadable"),
        ({"id": 7, "context": "a", "choices": ["b"]}, "inputs_unreadable"),
        ({"id": "q", "context": "a", "choices": ["b" * 400]}, "choice_too_long"),
    ],
)
def test_bad_inputs_are_never_the_models_fault(tmp_path: Path, row: dict, code: str):
    model = tiny.save_llama(tmp_path / "model")
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", [row])

    with pytest.raises(Invalid) as caught:
        engine.run(tiny.choice_job(model, inputs), tmp_path / "out.jsonl")

    assert not isinstance(caught.value, engine.ModelFault)
    assert caught.value.code == code


def test_a_broken_base_model_is_never_the_models_fault(tmp_path: Path):
    base = tiny.save_llama(tmp_path / "base")
    adapter = tiny.save_adapter(tmp_path / "adapter", base)
    change_config(base, architectures=["Other"])
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())

    with pytest.raises(Invalid) as caught:
        engine.run(tiny.choice_job(adapter, inputs, base), tmp_path / "out.jsonl")

    assert not isinstance(caught.value, engine.ModelFault)
    assert caught.value.code == "base_unloadable"
