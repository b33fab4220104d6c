"""The architectures that are admitted, and what each one's ``config.json`` may say.

To admit another one: write its table of fields beside these, a lower bound of its
parameters, and an entry in ``ARCHITECTURES``. Let every field be checked by the
tightest check that real models pass, and leave out what only changes how code is
found (``auto_map``, attention kernels) or how weights are packed (quantisation).
Bounds stand well above any open model of the size that is scored here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from assay.protocol.admission.schema import (
    Check,
    choice,
    either,
    false,
    flag,
    integer,
    list_of,
    map_of,
    null,
    number,
    record,
    text,
)
from assay.protocol.admission.strict_json import JsonObject

MAX_LABELS: Final = 4096

Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One admitted class of ``transformers``.

    Attributes:
        module: where transformers defines the class.
        required: keys without which sizes would be guessed from defaults.
        least_parameters: a lower bound of the numbers that the weights must hold.
        discord: how sizes contradict each other, or None; called with valid fields.
        has_labels: whether the class count matters.
    """

    name: str
    model_type: str
    module: str
    fields: Mapping[str, Check]
    required: frozenset[str]
    least_parameters: Callable[[Sizes], int]
    discord: Callable[[Sizes], str | None]
    has_labels: bool = False


_TOKEN = either(null, integer(0, 2**20))
_TOKENS = either(_TOKEN, list_of(integer(0, 2**20), 16))
_DTYPE = choice("float32", "float16", "bfloat16")
_ACTIVATION = choice("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish")
_RATE = number(0, 1)
_NAME = text(300)

_COMMON: Final[Mapping[str, Check]] = {
    # Where a model came from; never followed.
    "_name_or_path": _NAME,
    "_model_name_or_path": _NAME,
    "architectures": list_of(_NAME, 1),
    "bos_token_id": _TOKEN,
    "chunk_size_feed_forward": integer(0, 0),
    "dtype": _DTYPE,
    "eos_token_id": _TOKENS,
    "gradient_checkpointing": flag,
    "hidden_act": _ACTIVATION,
    "hidden_size": integer(1, 16_384),
    "id2label": map_of(text(8), text(200), MAX_LABELS),
    "initializer_range": number(0, 10),
    "intermediate_size": integer(1, 65_536),
    "is_encoder_decoder": false,
    "label2id": map_of(text(200), integer(0, MAX_LABELS), MAX_LABELS),
    "max_position_embeddings": integer(1, 2**20),
    "model_type": _NAME,
    "num_attention_heads": integer(1, 256),
    "num_hidden_layers": integer(1, 128),
    "num_labels": integer(1, MAX_LABELS),
    "output_attentions": false,
    "output_hidden_states": false,
    "pad_token_id": _TOKEN,
    "problem_type": either(
        null, choice("single_label_classification", "multi_label_classification")
    ),
    "tie_word_embeddings": flag,
    "torch_dtype": _DTYPE,
    "transformers_version": text(40),
    "unk_token_id": _TOKEN,
    "use_cache": flag,
    "vocab_size": integer(1, 300_000),
}
_SIZES = frozenset(
    {
        "architectures",
        "model_type",
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
    }
)

_BERT: Final[Mapping[str, Check]] = {
    **_COMMON,
    "add_cross_attention": false,
    "attention_probs_dropout_prob": _RATE,
    "classifier_dropout": either(null, _RATE),
    "hidden_dropout_prob": _RATE,
    "is_decoder": false,
    "layer_norm_eps": number(0, 1),
    "position_embedding_type": choice("absolute"),
    "type_vocab_size": integer(1, 64),
}


def _bert_parameters(sizes: Sizes) -> int:
    hidden = sizes["hidden_size"]
    tables = sizes["vocab_size"] + sizes["max_position_embeddings"]
    layer = 4 * hidden * hidden + 2 * hidden * sizes["intermediate_size"]
    return tables * hidden + sizes["num_hidden_layers"] * layer


def _bert_discord(sizes: Sizes) -> str | None:
    if sizes["hidden_size"] % sizes["num_attention_heads"]:
        return "hidden_size must be a multiple of num_attention_heads"
    return None


_FACTOR = number(0, 1_000_000)
_FACTORS = list_of(_FACTOR, 512)
_ROPE = record(
    {
        "rope_type": choice(
            "default", "linear", "dynamic", "yarn", "longrope", "llama3"
        ),
        "type": choice("default", "linear", "dynamic", "yarn", "longrope", "llama3"),
        "rope_theta": number(1, 1e12),
        "factor": _FACTOR,
        "low_freq_factor": _FACTOR,
        "high_freq_factor": _FACTOR,
        "attention_factor": _FACTOR,
        "beta_fast": _FACTOR,
        "beta_slow": _FACTOR,
        "short_factor": _FACTORS,
        "long_factor": _FACTORS,
        "original_max_position_embeddings": integer(1, 2**20),
    }
)
_LLAMA: Final[Mapping[str, Check]] = {
    **_COMMON,
    "attention_bias": flag,
    "attention_dropout": _RATE,
    "head_dim": either(null, integer(2, 1024)),
    "is_llama_config": flag,
    "mlp_bias": flag,
    "num_key_value_heads": either(null, integer(1, 256)),
    "pretraining_tp": integer(1, 1),
    "rms_norm_eps": number(0, 1),
    "rope_interleaved": false,
    "rope_parameters": either(null, _ROPE),
    "rope_scaling": either(null, _ROPE),
    "rope_theta": number(1, 1e12),
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


def _bert(name: str, *, has_labels: bool) -> Architecture:
    return Architecture(
        name=name,
        model_type="bert",
        module="transformers.models.bert.modeling_bert",
        fields=_BERT,
        required=_SIZES,
        least_parameters=_bert_parameters,
        discord=_bert_discord,
        has_labels=has_labels,
    )


_ADMITTED: Final = (
    _bert("BertForSequenceClassification", has_labels=True),
    _bert("BertModel", has_labels=False),
    Architecture(
        name="LlamaForCausalLM",
        model_type="llama",
        module="transformers.models.llama.modeling_llama",
        fields=_LLAMA,
        required=_SIZES,
        least_parameters=_llama_parameters,
        discord=_llama_discord,
    ),
)
ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {architecture.name: architecture for architecture in _ADMITTED}
)


def sizes_of(config: JsonObject) -> Sizes:
    """The whole numbers of a config whose fields are already checked."""
    return {
        key: value
        for key, value in config.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
