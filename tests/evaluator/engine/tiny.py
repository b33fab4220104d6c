"""Tiny random models with fixed seeds, written as a miner would save them."""

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
)

from evaluator.job import Job

LABELS = ["yes", "no", "perhaps"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SPECIAL = ["[CLS]", "[SEP]", "[UNK]"]


def save_tokenizer(folder: Path) -> None:
    """Letters, letters after a space, and a few merges across them."""
    words = [*SPECIAL, "Ġ", *LETTERS, "Ġa", "Ġb", "th", "Ġth"]
    merges = [("Ġ", "a"), ("Ġ", "b"), ("t", "h"), ("Ġ", "th")]
    vocabulary = {word: index for index, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)]
    )
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(folder / "tokenizer.json"))


def save_llama(folder: Path, *, seed: int = 1, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    keys = {
        "vocab_size": 40,
        "hidden_size": 48,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "initializer_range": 0.2,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }
    LlamaForCausalLM(LlamaConfig(**(keys | changes))).save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def save_bert(folder: Path, *, seed: int = 1, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    keys = {
        "vocab_size": 40,
        "hidden_size": 48,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
        "initializer_range": 0.3,
        "num_labels": len(LABELS),
    }
    BertForSequenceClassification(BertConfig(**(keys | changes))).save_pretrained(
        folder
    )
    save_tokenizer(folder)
    return folder


def save_adapter(folder: Path, base: Path, *, seed: int = 5) -> Path:
    """A LoRA on every attention projection, with matrices that are not zero."""
    torch.manual_seed(seed)
    config = LoraConfig(
        r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"
    )
    tuned = get_peft_model(LlamaForCausalLM.from_pretrained(base), config)
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    tuned.save_pretrained(folder)
    return folder


def write_rows(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def questions() -> list[dict[str, object]]:
    """Shared beginnings, one-token choices, equal choices, an empty context."""
    return [
        {"id": "q0", "context": "the cat sat", "choices": ["on a mat", "on a hat"]},
        {"id": "q1", "context": "what is it", "choices": ["a", "b", "ab", "abc"]},
        {"id": "q2", "context": "", "choices": ["this", "that", "then"]},
        {"id": "q3", "context": "the end ", "choices": ["is near", "is", "is near"]},
        {"id": "q4", "context": "a b " * 20, "choices": ["the bath", "xyz"]},
    ]


def texts() -> list[dict[str, object]]:
    words = ["the cat", "a", "bath and then that", "x" * 90, "", "a b c d e f g"]
    return [{"id": f"t{index}", "text": text} for index, text in enumerate(words)]


def choice_job(model: Path, inputs: Path, base: Path | None = None) -> Job:
    return Job("multiple_choice", {}, model, base, inputs, base or model)


def label_job(model: Path, inputs: Path) -> Job:
    options = {"labels": LABELS, "max_tokens": 32}
    return Job("text_classification", options, model, None, inputs, model)


def read_scores(path: Path) -> dict[str, list[float]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {
        row["id"]: [float.fromhex(score) for score in row["scores"]] for row in rows
    }
