"""The decoders that are admitted: each predicts the next token of a text."""

from collections.abc import Mapping
from typing import Final

from assay.protocol.admission.fields import (
    ACTIVATION,
    COMMON,
    LAYER_TYPES,
    RATE,
    ROPE,
    ROPE_BY_LAYER,
    SIZES,
    Architecture,
    Sizes,
    heads_discord,
)
from assay.protocol.admission.schema import (
    Check,
    either,
    false,
    flag,
    integer,
    null,
    number,
    text,
)

_LLAMA: Final[Mapping[str, Check]] = {
    **COMMON,
    "attention_bias": flag,
    "attention_dropout": RATE,
    "head_dim": either(null, integer(2, 1024)),
    "is_llama_config": flag,
    "mlp_bias": flag,
    "num_key_value_heads": either(null, integer(1, 256)),
    "pretraining_tp": integer(1, 1),
    "rms_norm_eps": number(0, 1),
    "rope_interleaved": false,
    "rope_parameters": either(null, ROPE),
    "rope_scaling": either(null, ROPE),
    "rope_theta": number(1, 1e12),
}


_WINDOW = either(null, integer(1, 2**20))
_QWEN: Final[Mapping[str, Check]] = {
    **_LLAMA,
    "layer_types": LAYER_TYPES,
    "max_window_layers": integer(0, 128),
    "sliding_window": _WINDOW,
    "use_sliding_window": flag,
}
_MISTRAL: Final[Mapping[str, Check]] = {**_LLAMA, "sliding_window": _WINDOW}
_CAP = either(null, number(1, 1e6))
_NEITHER = either(null, false)
_GEMMA: Final[Mapping[str, Check]] = {
    **_LLAMA,
    "hidden_activation": either(null, ACTIVATION),
    "use_bidirectional_attention": _NEITHER,
}
_GEMMA2: Final[Mapping[str, Check]] = {
    **_GEMMA,
    "attn_logit_softcapping": _CAP,
    "cache_implementation": text(20),
    "final_logit_softcapping": _CAP,
    "layer_types": LAYER_TYPES,
    "query_pre_attn_scalar": number(1, 1e6),
    "sliding_window": _WINDOW,
}
_GEMMA3: Final[Mapping[str, Check]] = {
    **_GEMMA2,
    "_sliding_window_pattern": integer(1, 128),
    "attn_logit_softcapping": null,
    "rope_local_base_freq": number(1, 1e12),
    "rope_parameters": either(null, ROPE_BY_LAYER),
    "sliding_window_pattern": integer(1, 128),
}
_GPT_NEOX: Final[Mapping[str, Check]] = {
    **COMMON,
    "attention_bias": flag,
    "attention_dropout": RATE,
    "classifier_dropout": RATE,
    "hidden_dropout": RATE,
    "is_decoder": flag,
    "layer_norm_eps": number(0, 1),
    "rope_parameters": either(null, ROPE),
    "rope_scaling": either(null, ROPE),
    "rope_theta": number(1, 1e12),
    "rotary_emb_base": number(1, 1e12),
    "rotary_pct": RATE,
    "use_parallel_residual": flag,
}
# GPT-2 has names of its own for sizes.
_GPT2_SIZES: Final = frozenset(
    {
        *("architectures", "model_type", "vocab_size"),
        *("n_embd", "n_head", "n_layer", "n_positions"),
    }
)
_GPT2: Final[Mapping[str, Check]] = {
    **{
        name: check for name, check in COMMON.items() if name not in SIZES - _GPT2_SIZES
    },
    "activation_function": ACTIVATION,
    "add_cross_attention": false,
    "attn_pdrop": RATE,
    "embd_pdrop": RATE,
    "layer_norm_epsilon": number(0, 1),
    "n_ctx": integer(1, 2**20),
    "n_embd": integer(1, 16_384),
    "n_head": integer(1, 256),
    "n_inner": either(null, integer(1, 65_536)),
    "n_layer": integer(1, 128),
    "n_positions": integer(1, 2**20),
    "reorder_and_upcast_attn": false,
    "resid_pdrop": RATE,
    "scale_attn_by_inverse_layer_idx": flag,
    "scale_attn_weights": flag,
    "summary_activation": null,
    "summary_first_dropout": RATE,
    "summary_proj_to_labels": flag,
    "summary_type": text(20),
    "summary_use_proj": flag,
}


def _llama_heads(sizes: Sizes) -> tuple[int, int, int]:
    """(query heads, key and value heads, numbers a head)."""
    heads = sizes["num_attention_heads"]
    each = sizes.get("head_dim", sizes["hidden_size"] // heads)
    return heads, sizes.get("num_key_value_heads", heads), each


def _llama_parameters(sizes: Sizes) -> int:
    hidden = sizes["hidden_size"]
    heads, key_value_heads, each = _llama_heads(sizes)
    attention = 2 * hidden * each * (heads + key_value_heads)
    layer = attention + 3 * hidden * sizes["intermediate_size"]
    # The output layer may be tied to the embedding, so only one of the two counts.
    return sizes["vocab_size"] * hidden + sizes["num_hidden_layers"] * layer


def _llama_discord(sizes: Sizes) -> str | None:
    heads, key_value_heads, each = _llama_heads(sizes)
    if "head_dim" not in sizes and sizes["hidden_size"] % heads:
        return "hidden_size must be a multiple of num_attention_heads"
    if heads % key_value_heads:
        return "num_attention_heads must be a multiple of num_key_value_heads"
    if each % 2:
        return "head_dim must be even"
    return None


def _plain_parameters(sizes: Sizes) -> int:
    hidden = sizes["hidden_size"]
    layer = 4 * hidden * hidden + 2 * hidden * sizes["intermediate_size"]
    return sizes["vocab_size"] * hidden + sizes["num_hidden_layers"] * layer


def _gpt2_parameters(sizes: Sizes) -> int:
    hidden = sizes["n_embd"]
    inner = sizes.get("n_inner", 4 * hidden)
    layer = 4 * hidden * hidden + 2 * hidden * inner
    tables = sizes["vocab_size"] + sizes["n_positions"]
    return tables * hidden + sizes["n_layer"] * layer


def _gpt2_discord(sizes: Sizes) -> str | None:
    if sizes["n_embd"] % sizes["n_head"]:
        return "n_embd must be a multiple of n_head"
    return None


def _like_llama(
    name: str,
    model_type: str,
    fields: Mapping[str, Check],
    *more: str,
    module: str = "",
) -> Architecture:
    """One whose sizes are counted like Llama's; ``more`` has other defaults there."""
    module = module or model_type
    return Architecture(
        name=name,
        model_type=model_type,
        module=f"transformers.models.{module}.modeling_{module}",
        fields=fields,
        required=SIZES | set(more),
        least_parameters=_llama_parameters,
        discord=_llama_discord,
    )


_HEADS = ("num_key_value_heads",)
_HEADS_AND_SIZE = ("num_key_value_heads", "head_dim")
DECODERS: Final = (
    _like_llama("LlamaForCausalLM", "llama", _LLAMA),
    _like_llama("Qwen2ForCausalLM", "qwen2", _QWEN, *_HEADS),
    _like_llama("Qwen3ForCausalLM", "qwen3", _QWEN, *_HEADS_AND_SIZE),
    _like_llama("MistralForCausalLM", "mistral", _MISTRAL, *_HEADS),
    _like_llama("GemmaForCausalLM", "gemma", _GEMMA, *_HEADS_AND_SIZE),
    _like_llama("Gemma2ForCausalLM", "gemma2", _GEMMA2, *_HEADS_AND_SIZE),
    _like_llama(
        "Gemma3ForCausalLM", "gemma3_text", _GEMMA3, *_HEADS_AND_SIZE, module="gemma3"
    ),
    Architecture(
        name="GPT2LMHeadModel",
        model_type="gpt2",
        module="transformers.models.gpt2.modeling_gpt2",
        fields=_GPT2,
        required=_GPT2_SIZES,
        least_parameters=_gpt2_parameters,
        discord=_gpt2_discord,
    ),
    Architecture(
        name="GPTNeoXForCausalLM",
        model_type="gpt_neox",
        module="transformers.models.gpt_neox.modeling_gpt_neox",
        fields=_GPT_NEOX,
        required=SIZES,
        least_parameters=_plain_parameters,
        discord=heads_discord,
    ),
)
