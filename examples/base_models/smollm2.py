"""SmolLM2-135M-Instruct as safetensors, from the 4-bit GGUF that a package carries.

Dequantising is exact up to float32; the result is stored as bfloat16, which halves
the file. Names and shapes are those of transformers' LlamaForCausalLM.
"""

import json
from pathlib import Path
from typing import Any

import gguf
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP_NAMES = {"token_embd": "embed_tokens", "output_norm": "norm"}
_CONTROL = 3  # GGUF's token type of <|im_start|> and its like


def build(source: Path, folder: Path) -> None:
    """Write config.json, model.safetensors and the tokenizer's files to ``folder``."""
    reader = gguf.GGUFReader(str(source))
    config = _config(reader)
    weights = {
        _name(tensor.name): _weight(tensor, config).to(torch.bfloat16)
        for tensor in reader.tensors
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(reader).save(str(folder / "tokenizer.json"))
    _write_json(folder / "config.json", config)
    _write_json(folder / "tokenizer_config.json", _tokenizer_config(reader))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")


def _field(reader: gguf.GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    assert field is not None, key
    return field.contents()


def _config(reader: gguf.GGUFReader) -> dict[str, Any]:
    def of(key: str) -> Any:
        return _field(reader, f"llama.{key}")

    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "bfloat16",
        "hidden_act": "silu",
        "hidden_size": of("embedding_length"),
        "intermediate_size": of("feed_forward_length"),
        "num_hidden_layers": of("block_count"),
        "num_attention_heads": of("attention.head_count"),
        "num_key_value_heads": of("attention.head_count_kv"),
        "head_dim": of("rope.dimension_count"),
        "max_position_embeddings": of("context_length"),
        "rms_norm_eps": round(of("attention.layer_norm_rms_epsilon"), 9),
        "rope_parameters": {"rope_type": "default", "rope_theta": of("rope.freq_base")},
        "vocab_size": of("vocab_size"),
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": _field(reader, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": _field(reader, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": _field(reader, "tokenizer.ggml.padding_token_id"),
    }


def _name(name: str) -> str:
    """``blk.0.attn_q.weight`` is ``model.layers.0.self_attn.q_proj.weight``."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{_NAMES[parts[2]]}.weight"
    return f"model.{_TOP_NAMES[parts[0]]}.weight"


def _weight(tensor: gguf.ReaderTensor, config: dict[str, Any]) -> torch.Tensor:
    """Dequantised, and with transformers' order of rotary dimensions."""
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    weight = torch.from_numpy(values.copy())
    if ".attn_q." in tensor.name:
        return _halves(weight, config["num_attention_heads"])
    if ".attn_k." in tensor.name:
        return _halves(weight, config["num_key_value_heads"])
    return weight


def _halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rotary pairs lie side by side in GGUF, and half a head apart in transformers."""
    pairs = weight.reshape(heads, -1, 2, weight.shape[-1])
    return pairs.transpose(1, 2).reshape(weight.shape).contiguous()


def _tokenizer(reader: gguf.GGUFReader) -> Tokenizer:
    tokens: list[str] = _field(reader, "tokenizer.ggml.tokens")
    merges = [line.split(" ") for line in _field(reader, "tokenizer.ggml.merges")]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [(a, b) for a, b in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = _field(reader, "tokenizer.ggml.token_type")
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, kind in zip(tokens, kinds, strict=True)
            if kind == _CONTROL
        ]
    )
    return tokenizer


def _tokenizer_config(reader: gguf.GGUFReader) -> dict[str, Any]:
    tokens = _field(reader, "tokenizer.ggml.tokens")

    def named(role: str) -> str:
        return str(tokens[_field(reader, f"tokenizer.ggml.{role}_token_id")])

    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": named("bos"),
        "eos_token": named("eos"),
        "unk_token": named("unknown"),
        "pad_token": named("padding"),
        "model_max_length": _field(reader, "llama.context_length"),
    }
