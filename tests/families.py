"""Tiny random models of every admitted architecture."""

from typing import Any

import transformers

SIZES: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 96,
    "initializer_range": 0.2,
    "pad_token_id": 0,
    "bos_token_id": 0,
    "eos_token_id": 1,
}
_GROUPED = {"num_key_value_heads": 2}
_HEADS = {**_GROUPED, "head_dim": 8}
_GPT2 = {
    "vocab_size": 40,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 96,
    "initializer_range": 0.2,
    "bos_token_id": 0,
    "eos_token_id": 1,
}
_MODERN = {**SIZES, "cls_token_id": 0, "sep_token_id": 1}
LABELS = {"num_labels": 3}

DECODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "LlamaForCausalLM": ("LlamaConfig", {**SIZES, **_GROUPED}),
    "Qwen2ForCausalLM": ("Qwen2Config", {**SIZES, **_GROUPED}),
    "Qwen3ForCausalLM": ("Qwen3Config", {**SIZES, **_HEADS}),
    "MistralForCausalLM": ("MistralConfig", {**SIZES, **_GROUPED}),
    "GemmaForCausalLM": ("GemmaConfig", {**SIZES, **_HEADS}),
    "Gemma2ForCausalLM": ("Gemma2Config", {**SIZES, **_HEADS}),
    "Gemma3ForCausalLM": ("Gemma3TextConfig", {**SIZES, **_HEADS}),
    "GPT2LMHeadModel": ("GPT2Config", _GPT2),
    "GPTNeoXForCausalLM": ("GPTNeoXConfig", SIZES),
}
CLASSIFIERS: dict[str, tuple[str, dict[str, Any]]] = {
    "BertForSequenceClassification": ("BertConfig", {**SIZES, **LABELS}),
    "RobertaForSequenceClassification": ("RobertaConfig", {**SIZES, **LABELS}),
    "ModernBertForSequenceClassification": ("ModernBertConfig", {**_MODERN, **LABELS}),
}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "BertModel": ("BertConfig", SIZES),
    "RobertaModel": ("RobertaConfig", SIZES),
    "ModernBertModel": ("ModernBertConfig", _MODERN),
}
FAMILIES = DECODERS | CLASSIFIERS | BODIES


def tiny(name: str, **changes: Any) -> Any:
    """A model of that class, with random weights from a fixed seed."""
    import torch  # noqa: PLC0415 - seconds, for those alone who make models

    torch.manual_seed(1)
    config, keys = FAMILIES[name]
    return getattr(transformers, name)(
        getattr(transformers, config)(**(keys | changes))
    ).eval()
