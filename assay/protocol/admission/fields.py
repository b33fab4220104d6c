"""What the tables of all architectures share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


TOKEN = either(null, integer(0, 2**20))
_TOKENS = either(TOKEN, list_of(integer(0, 2**20), 16))
_DTYPE = choice("float32", "float16", "bfloat16")
ACTIVATION = choice("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish")
RATE = number(0, 1)
_NAME = text(300)

COMMON: Final[Mapping[str, Check]] = {
    # Where a model came from; never followed.
    "_name_or_path": _NAME,
    "_model_name_or_path": _NAME,
    "architectures": list_of(_NAME, 1),
    "bos_token_id": TOKEN,
    "chunk_size_feed_forward": integer(0, 0),
    "dtype": _DTYPE,
    "eos_token_id": _TOKENS,
    "gradient_checkpointing": flag,
    "hidden_act": ACTIVATION,
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
    "pad_token_id": TOKEN,
    "problem_type": either(
        null, choice("single_label_classification", "multi_label_classification")
    ),
    "tie_word_embeddings": flag,
    "torch_dtype": _DTYPE,
    "transformers_version": text(40),
    "unk_token_id": TOKEN,
    "use_cache": flag,
    "vocab_size": integer(1, 300_000),
}
SIZES = frozenset(
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

_FACTOR = number(0, 1_000_000)
_FACTORS = list_of(_FACTOR, 512)
ROPE = record(
    {
        "rope_type": choice(
            "default", "linear", "dynamic", "yarn", "longrope", "llama3"
        ),
        "type": choice("default", "linear", "dynamic", "yarn", "longrope", "llama3"),
        "rope_theta": number(1, 1e12),
        "partial_rotary_factor": RATE,
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
LAYER_TYPES = list_of(choice("full_attention", "sliding_attention"), 128)
ROPE_BY_LAYER = record({"full_attention": ROPE, "sliding_attention": ROPE})


def heads_discord(sizes: Sizes) -> str | None:
    """That the heads do not divide the states, where each has an equal part."""
    if sizes["hidden_size"] % sizes["num_attention_heads"]:
        return "hidden_size must be a multiple of num_attention_heads"
    return None
