"""What transformers and peft really write is admitted as it is."""

from pathlib import Path

import pytest

from assay.protocol.admission import AdmissionRules, BytesRange, inspect_files
from assay.protocol.admission.findings import FaultError
from assay.protocol.admission.safetensors import read_header
from tests.protocol.admission.builders import entry, raw_safetensors

pytestmark = [
    pytest.mark.model,
    # the libraries' own deprecations are not what is tested here
    pytest.mark.filterwarnings("ignore"),
]

SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
}


@pytest.fixture(scope="module")
def torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(scope="module")
def transformers(torch):
    return pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def peft(transformers):
    return pytest.importorskip("peft")


@pytest.fixture
def bert(transformers):
    config = transformers.BertConfig(**SIZES, num_labels=3)
    return transformers.BertForSequenceClassification(config)


@pytest.fixture
def llama(transformers):
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES))


def folder(path: Path):
    return {file.name: BytesRange(file.read_bytes()) for file in path.iterdir()}


def findings(path, **rules):
    return inspect_files(folder(path), AdmissionRules(**rules))


def test_a_saved_bert_classifier_is_admitted(bert, tmp_path):
    bert.save_pretrained(tmp_path)

    assert findings(tmp_path, num_labels=3) == []
    assert [f.code for f in findings(tmp_path, num_labels=77)] == ["config_labels"]


def test_a_saved_bert_encoder_is_admitted(bert, tmp_path):
    bert.bert.save_pretrained(tmp_path)

    assert findings(tmp_path) == []


@pytest.mark.parametrize("cast", ["half", "bfloat16", "float"])
def test_each_floating_type_is_admitted(bert, tmp_path, cast):
    getattr(bert, cast)().save_pretrained(tmp_path)

    assert findings(tmp_path) == []


def test_a_double_is_refused_with_the_cure(bert, tmp_path):
    bert.double().save_pretrained(tmp_path)

    # config.json says float64 too
    assert {f.code for f in findings(tmp_path)} == {"config_value", "safetensors_dtype"}


def test_a_saved_llama_is_admitted(llama, tmp_path):
    llama.save_pretrained(tmp_path)

    assert (tmp_path / "generation_config.json").exists()
    assert findings(tmp_path) == []


def test_a_llama_saved_in_shards_is_admitted(llama, tmp_path):
    llama.save_pretrained(tmp_path, max_shard_size="5KB")

    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    assert findings(tmp_path) == []


def test_a_llama_with_tied_weights_and_scaled_positions_is_admitted(
    transformers, tmp_path
):
    config = transformers.LlamaConfig(
        **SIZES,
        num_key_value_heads=1,
        tie_word_embeddings=True,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        },
    )
    transformers.LlamaForCausalLM(config).save_pretrained(tmp_path)

    assert findings(tmp_path) == []


def test_a_saved_lora_for_classification_is_admitted(peft, bert, tmp_path):
    config = peft.LoraConfig(
        task_type="SEQ_CLS",
        r=4,
        target_modules=["query", "value"],
        modules_to_save=["classifier"],
    )
    peft.get_peft_model(bert, config).save_pretrained(tmp_path)

    assert (tmp_path / "README.md").exists()
    assert findings(tmp_path) == []


def test_a_saved_lora_for_text_is_admitted(peft, llama, tmp_path):
    config = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=4,
        target_modules=["q_proj", "v_proj"],
        rank_pattern={"v_proj": 2},
        use_rslora=True,
    )
    peft.get_peft_model(llama, config).save_pretrained(tmp_path)

    assert findings(tmp_path) == []


def test_a_saved_lora_on_every_layer_without_a_task_is_admitted(peft, bert, tmp_path):
    config = peft.LoraConfig(r=4, target_modules="all-linear")
    peft.get_peft_model(bert, config).save_pretrained(tmp_path)

    assert findings(tmp_path) == []


def test_a_merged_lora_is_admitted_as_a_whole_model(peft, llama, tmp_path):
    config = peft.LoraConfig(r=4, target_modules=["q_proj"])
    peft.get_peft_model(llama, config).merge_and_unload().save_pretrained(tmp_path)

    assert findings(tmp_path) == []


def test_targets_chosen_by_a_pattern_are_refused_with_a_reason(peft, llama, tmp_path):
    config = peft.LoraConfig(r=4, target_modules=r".*q_proj")
    peft.get_peft_model(llama, config).save_pretrained(tmp_path)

    assert [f.code for f in findings(tmp_path)] == ["adapter_value"]


def test_what_torch_saves_is_named_a_pickle(torch, bert, tmp_path):
    bert.save_pretrained(tmp_path)
    for legacy in (False, True):
        torch.save(
            bert.state_dict(),
            tmp_path / "model.safetensors",
            _use_new_zipfile_serialization=not legacy,
        )

        found = findings(tmp_path)

        assert [f.code for f in found] == ["file_is_pickle"]


@pytest.mark.parametrize(
    "content",
    [
        raw_safetensors(
            {"a": entry(0, (2,)), "b": entry(8, (1, 3), "BF16")}, bytes(14)
        ),
        raw_safetensors({"a": entry(0, (0,)), "b": entry(0, ())}, bytes(4)),
        raw_safetensors({"a": entry(0, (2,)), "b": entry(4, (2,))}, bytes(12)),
        raw_safetensors({"a": entry(0, (1,))}, bytes(5)),
        raw_safetensors(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
    ],
)
def test_what_is_admitted_reads_the_same_in_the_safetensors_library(content):
    library = pytest.importorskip("safetensors")
    try:
        ours = {t.name: list(t.shape) for t in read_header(BytesRange(content))}
    except FaultError:
        with pytest.raises(library.SafetensorError):
            library.deserialize(content)
        return

    theirs = {name: each["shape"] for name, each in library.deserialize(content)}

    assert ours == theirs
