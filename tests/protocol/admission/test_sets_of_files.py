"""A submission is one whole model or one adapter, and nothing besides."""

import pytest

from assay.protocol.admission import BytesRange, Kind
from tests.protocol.admission.builders import (
    adapter,
    adapter_config,
    codes,
    model,
    safetensors,
)


def test_a_model_and_an_adapter_are_admitted():
    assert codes(model()) == []
    assert codes(model(README__md=b"# Hello")) == []
    assert codes(adapter()) == []
    assert codes(adapter(README__md=b"# Hello")) == []


def test_a_kind_that_the_competition_does_not_take_is_refused():
    assert codes(model(), kinds=frozenset({Kind.ADAPTER})) == ["kind_not_admitted"]
    assert codes(adapter(), kinds=frozenset({Kind.FULL})) == ["kind_not_admitted"]


def test_limits_on_number_and_size_come_before_any_reading():
    class Unreadable(BytesRange):
        def read(self, offset, length):
            raise AssertionError

    files = {"model.safetensors": Unreadable(bytes(100))}

    assert codes(files, max_total_bytes=99) == ["files_too_large"]
    assert codes(files, max_files=0) == ["files_too_many"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("name_pickle", "pytorch_model.bin"),
        ("name_pickle", "training_args.bin"),
        ("name_pickle", "model.PT"),
        ("name_code", "modeling_evil.py"),
        ("name_code", "chat_template.jinja"),
        ("name_tokenizer", "tokenizer.json"),
        ("name_tokenizer", "vocab.txt"),
        ("name_not_admitted", "Model.safetensors"),
        ("name_not_admitted", "../config.json"),
        ("name_not_admitted", "sub/config.json"),
        ("name_not_admitted", "config.json\n"),
        ("name_not_admitted", "model-00002-of-00001.safetensors"),
        ("name_not_admitted", "model-٠٠٠٠١-of-00001.safetensors"),
        ("name_not_admitted", ""),
    ],
)
def test_other_names_are_refused_with_a_reason(code, name):
    assert codes(model() | {name: BytesRange(b"x")}) == [code]


def test_what_is_needed_must_be_there():
    assert codes({}) == ["file_missing", "file_missing"]
    assert codes(model(config__json=...)) == ["file_missing"]
    assert codes(adapter(adapter_config__json=...)) == ["file_missing"]


def test_an_adapter_and_a_model_are_not_mixed():
    assert codes(model() | adapter()) == ["kind_mixed"]


def test_a_readme_is_text():
    assert codes(model(README__md=b"\xff\xfe")) == ["file_not_text"]
    assert codes(model(README__md=b"a\x00b")) == ["file_not_text"]
    assert codes(model(README__md=b"PK\x03\x04")) == ["file_is_pickle"]
    assert codes(model(README__md=b"x" * 1_048_577)) == ["file_too_large"]


def shards(*names, index=..., **contents):
    whole = {name: safetensors(f"weight{i}") for i, name in enumerate(names)}
    places = {f"weight{i}": name for i, name in enumerate(names)}
    default = {"metadata": {"total_size": 1}, "weight_map": places}
    files = model(
        model__safetensors=...,
        model__safetensors__index__json=default if index is ... else index,
    )
    return files | {k: BytesRange(v) for k, v in (whole | contents).items()}


ONE, TWO = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"


def test_complete_shards_with_their_index_are_admitted():
    assert codes(shards(ONE, TWO)) == []


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("shards_incomplete", shards(ONE)),
        ("shards_incomplete", shards(ONE, "model-00002-of-00003.safetensors")),
        ("shards_mixed", shards(ONE, TWO, "model.safetensors")),
        ("tensor_repeated", shards(ONE, TWO, **{TWO: safetensors("weight0")})),
        ("index_mismatch", shards(ONE, TWO, index={"metadata": {}, "weight_map": {}})),
        ("index_value", shards(ONE, TWO, index={"weight_map": {"a": 1}})),
        ("index_value", shards(ONE, TWO, index={"evil": "../../x"})),
    ],
)
def test_shards_that_do_not_fit_together_are_refused(code, files):
    assert code in codes(files)


def test_shards_and_their_index_go_together():
    without = shards(ONE, TWO)
    del without["model.safetensors.index.json"]

    assert codes(without) == ["shards_index"]
    assert codes(model(model__safetensors__index__json={})) == ["shards_index"]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("adapter_value", {"peft_type": "PREFIX_TUNING"}),
        ("adapter_missing", {"r": ...}),
        ("adapter_missing", {"target_modules": ...}),
        ("adapter_value", {"r": 100_000}),
        ("adapter_value", {"r": 0}),
        ("adapter_value", {"target_modules": "(a+)+$"}),
        ("adapter_value", {"target_modules": [".*"]}),
        ("adapter_value", {"target_modules": [1]}),
        ("adapter_value", {"rank_pattern": {"(a+)+$": 8}}),
        ("adapter_value", {"rank_pattern": {"query": 10_000}}),
        ("adapter_value", {"layer_replication": [[0, 1000]]}),
        ("adapter_value", {"megatron_config": {}}),
        ("adapter_value", {"megatron_core": "evil"}),
        ("adapter_value", {"loftq_config": {"loftq_bits": 4}}),
        ("adapter_value", {"init_lora_weights": "eva"}),
        ("adapter_value", {"base_model_name_or_path": ["x"]}),
        (
            "adapter_value",
            {"auto_mapping": {"base_model_class": "A", "parent_library": "os"}},
        ),
        (
            "adapter_value",
            {"auto_mapping": {"base_model_class": "BertModel", "parent_library": "os"}},
        ),
        ("adapter_key", {"auto_map": {}}),
        ("adapter_key", {"custom_module": "x"}),
    ],
)
def test_an_adapter_config_outside_the_rules_is_refused(code, changes):
    assert codes(adapter(adapter_config__json=adapter_config(**changes))) == [code]


def test_the_base_models_name_is_read_and_not_followed():
    config = adapter_config(base_model_name_or_path="/etc/passwd", revision="main")

    assert codes(adapter(adapter_config__json=config)) == []


def test_an_adapter_holds_only_what_peft_names():
    strange = safetensors("bert.encoder.weight")

    assert codes(adapter(adapter_model__safetensors=strange)) == ["adapter_tensor"]
