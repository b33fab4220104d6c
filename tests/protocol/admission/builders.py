"""Files as a miner would upload them, built by hand."""

import json
import struct

from assay.protocol.admission import AdmissionRules, BytesRange, inspect_files

WIDTHS = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}


def bert_config(**changes):
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": 10,
        "hidden_size": 4,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 6,
        "id2label": {"0": "no", "1": "yes"},
        "label2id": {"no": 0, "yes": 1},
    }
    return {k: v for k, v in (config | changes).items() if v is not ...}


def llama_config(**changes):
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": 10,
        "hidden_size": 4,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "intermediate_size": 8,
        "max_position_embeddings": 6,
    }
    return {k: v for k, v in (config | changes).items() if v is not ...}


def adapter_config(**changes):
    config = {"peft_type": "LORA", "r": 8, "target_modules": ["query", "value"]}
    return {k: v for k, v in (config | changes).items() if v is not ...}


def entry(begin, shape, dtype="F32"):
    elements = 1
    for size in shape:
        elements *= size
    end = begin + elements * WIDTHS[dtype]
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def raw_safetensors(header, data=b""):
    """A file with ``header`` (bytes or JSON value), whatever it says."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors(*names, shape=(1000,), dtype="F32"):
    header, position = {}, 0
    for name in names:
        header[name] = entry(position, shape, dtype)
        position = header[name]["data_offsets"][1]
    return raw_safetensors(header, bytes(position))


def encoded(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def model(**changes):
    """A sound full model; keyword names are file names with ``__`` for the dot."""
    files = {
        "config__json": bert_config(),
        "model__safetensors": safetensors("weight"),
    } | changes
    return files_of(files)


def adapter(**changes):
    files = {
        "adapter_config__json": adapter_config(),
        "adapter_model__safetensors": safetensors("base_model.model.a.lora_A.weight"),
    } | changes
    return files_of(files)


def files_of(files):
    return {
        name.replace("__", "."): BytesRange(encoded(content))
        for name, content in files.items()
        if content is not ...
    }


def codes(files, **rules):
    return [f.code for f in inspect_files(files, AdmissionRules(**rules))]
