"""A model's config says an admitted architecture in admitted words."""

import pytest

from assay.protocol.admission import AdmissionRules, BytesRange, inspect_files
from tests.protocol.admission.builders import (
    bert_config,
    codes,
    llama_config,
    model,
    safetensors,
)


def config_codes(config, **rules):
    return codes(model(config__json=config), **rules)


def test_sound_configs_are_admitted():
    assert config_codes(bert_config()) == []
    assert config_codes(bert_config(architectures=["BertModel"])) == []
    assert config_codes(llama_config()) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("config_remote_code", {"auto_map": {"AutoModel": "evil.Model"}}),
        ("config_remote_code", {"trust_remote_code": True}),
        ("config_quantised", {"quantization_config": {"quant_method": "gptq"}}),
        ("config_architecture", {"architectures": ["EvilModel"]}),
        ("config_architecture", {"architectures": []}),
        ("config_architecture", {"architectures": ["BertModel", "BertModel"]}),
        ("config_architecture", {"architectures": "BertModel"}),
        ("config_architecture", {"architectures": [["BertModel"]]}),
        ("config_architecture", {"architectures": ...}),
        ("config_model_type", {"model_type": "llama"}),
        ("config_model_type", {"model_type": ...}),
        ("config_key", {"attn_implementation": "someone/kernels"}),
        ("config_key", {"_attn_implementation": "someone/kernels"}),
        ("config_key", {"tokenizer_class": "x"}),
        ("config_key", {"rope_theta": 1.0}),
        ("config_missing", {"hidden_size": ...}),
        ("config_value", {"num_hidden_layers": 100_000}),
        ("config_value", {"num_hidden_layers": 0}),
        ("config_value", {"num_hidden_layers": True}),
        ("config_value", {"num_hidden_layers": 1.0}),
        ("config_value", {"hidden_size": 2**40}),
        ("config_value", {"vocab_size": -1}),
        ("config_value", {"hidden_act": "eval"}),
        ("config_value", {"is_decoder": True}),
        ("config_value", {"layer_norm_eps": "1e-12"}),
        ("config_value", {"dtype": "int8"}),
        ("config_value", {"id2label": {"0": 1}}),
        ("config_value", {"_name_or_path": {"a": "b"}}),
        ("config_sizes", {"num_attention_heads": 3}),
        ("config_sizes", {"pad_token_id": 10}),
        ("config_labels", {"id2label": {"1": "a", "2": "b"}}),
        ("config_labels", {"num_labels": 3}),
        ("weights_too_few", {"num_hidden_layers": 100}),
        ("weights_too_few", {"vocab_size": 300_000}),
    ],
)
def test_a_config_outside_the_rules_is_refused(code, changes):
    assert config_codes(bert_config(**changes)) == [code]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("config_sizes", {"num_key_value_heads": 3}),
        ("config_sizes", {"head_dim": 3}),
        ("config_sizes", {"hidden_size": 5}),
        ("config_value", {"rope_parameters": {"rope_type": "mine"}}),
        ("config_value", {"rope_parameters": {"rope_type": "default", "x": 1}}),
        ("config_value", {"pretraining_tp": 8}),
        ("weights_too_few", {"head_dim": 1024}),
    ],
)
def test_a_llama_config_outside_the_rules_is_refused(code, changes):
    assert config_codes(llama_config(**changes)) == [code]


def test_the_number_of_labels_must_be_the_tasks():
    assert config_codes(bert_config(), num_labels=2) == []
    assert config_codes(bert_config(), num_labels=77) == ["config_labels"]
    # transformers assumes two labels when the config names none
    bare = bert_config(id2label=..., label2id=...)
    assert config_codes(bare, num_labels=2) == []
    assert config_codes(bare, num_labels=3) == ["config_labels"]
    assert config_codes(llama_config(), num_labels=77) == []


def test_an_architecture_that_the_competition_leaves_out_is_refused():
    only = frozenset({"LlamaForCausalLM"})

    findings = inspect_files(model(), AdmissionRules(architectures=only))

    assert [f.code for f in findings] == ["config_architecture"]
    assert findings[0].fix == "Use one of: LlamaForCausalLM."


def test_a_name_in_the_rules_that_no_table_knows_admits_nothing():
    config = bert_config(architectures=["EvilModel"])

    assert config_codes(config, architectures=frozenset({"EvilModel"})) == [
        "config_architecture"
    ]


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("json_duplicate_key", b'{"hidden_size": 4, "hidden_size": 5}'),
        ("json_number", b'{"layer_norm_eps": NaN}'),
        ("json_number", b'{"layer_norm_eps": 1e400}'),
        ("json_not_object", b"[]"),
        ("json_syntax", b""),
        ("json_encoding", b"\xff\xfe{}"),
        ("file_is_pickle", b"\x80\x04\x95"),
        ("file_too_large", b" " * (1024 * 1024 + 1)),
    ],
)
def test_a_config_that_is_no_plain_json_is_refused(code, content):
    assert codes(model(config__json=content)) == [code]


def test_a_flood_of_wrong_keys_is_answered_with_a_few_findings():
    flood = bert_config(**{f"k{i}": i for i in range(5000)})

    assert len(config_codes(flood)) == 20


def test_hostile_text_is_escaped_in_sentences():
    config = bert_config(**{"\x1b[31m\n" + "x" * 500: 1})

    finding = inspect_files(model(config__json=config), AdmissionRules())[0]

    assert finding.sentence.isprintable()
    assert len(finding.sentence) < 120


def test_generation_settings_pass_when_they_are_plain():
    def check(settings):
        return codes(model(generation_config__json=settings))

    assert check({"_from_model_config": True, "eos_token_id": [1, 2]}) == []
    assert check({"custom_generate": "someone/repo"}) == ["generation_config_key"]
    assert check({"eos_token_id": "x"}) == ["generation_config_value"]


def test_every_fault_of_a_submission_is_reported_at_once():
    files = model(config__json=bert_config(auto_map={}, hidden_act="eval"))
    files["model.safetensors"] = BytesRange(b"\x80\x04\x95")
    files["run.py"] = BytesRange(b"import os")

    found = [(f.path, f.code) for f in inspect_files(files, AdmissionRules())]

    assert found == [
        ("run.py", "name_code"),
        ("config.json", "config_remote_code"),
        ("config.json", "config_value"),
        ("model.safetensors", "file_is_pickle"),
    ]


def test_the_claimed_size_is_held_against_all_shards():
    files = {
        "model-00001-of-00002.safetensors": safetensors("a", shape=(200,)),
        "model-00002-of-00002.safetensors": safetensors("b", shape=(1,)),
    }
    index = {
        "metadata": {"total_size": 804},
        "weight_map": {
            "a": "model-00001-of-00002.safetensors",
            "b": "model-00002-of-00002.safetensors",
        },
    }
    sharded = model(model__safetensors=..., model__safetensors__index__json=index)
    sharded |= {path: BytesRange(content) for path, content in files.items()}

    assert inspect_files(sharded, AdmissionRules()) == []
    files["model-00001-of-00002.safetensors"] = safetensors("a", shape=(10,))
    sharded |= {path: BytesRange(content) for path, content in files.items()}
    assert codes(sharded) == ["weights_too_few"]
