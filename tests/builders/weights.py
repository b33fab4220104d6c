"""Tiny but well-formed model files."""

import json

import numpy as np
from safetensors.numpy import save

LABELS = ["card", "loan", "refund"]


def bert_files(seed: int = 0, labels: int = len(LABELS)) -> dict[str, bytes]:
    """A BertForSequenceClassification of a few kilobytes, different for each seed."""
    random = np.random.default_rng(seed)
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": 50,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 32,
        "type_vocab_size": 2,
        "id2label": {str(index): f"label {index}" for index in range(labels)},
        "label2id": {f"label {index}": index for index in range(labels)},
    }
    weights = {
        # Enough parameters for what the config describes.
        "bert.embeddings.word_embeddings.weight": random.normal(size=(50, 64)).astype(
            np.float32
        ),
        "classifier.weight": random.normal(size=(labels, 8)).astype(np.float32),
        "classifier.bias": np.zeros(labels, dtype=np.float32),
    }
    return {
        "config.json": json.dumps(config).encode(),
        "model.safetensors": save(weights),
    }


def adapter_files(seed: int = 0) -> dict[str, bytes]:
    """A LoRA adapter for it, different for each seed."""
    random = np.random.default_rng(seed)
    name = "base_model.model.bert.encoder.layer.0.attention.self.query"
    config = {"peft_type": "LORA", "r": 2, "target_modules": ["query"]}
    weights = {
        f"{name}.lora_A.weight": random.normal(size=(2, 8)).astype(np.float32),
        f"{name}.lora_B.weight": random.normal(size=(8, 2)).astype(np.float32),
    }
    return {
        "adapter_config.json": json.dumps(config).encode(),
        "adapter_model.safetensors": save(weights),
    }
