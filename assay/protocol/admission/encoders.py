"""The encoders that are admitted: classifiers, and the bodies under them."""

from collections.abc import Callable, Mapping
from typing import Final

from assay.protocol.admission.fields import (
    ACTIVATION,
    COMMON,
    LAYER_TYPES,
    RATE,
    ROPE_BY_LAYER,
    SIZES,
    TOKEN,
    Architecture,
    Sizes,
    heads_discord,
)
from assay.protocol.admission.schema import (
    Check,
    choice,
    either,
    false,
    flag,
    integer,
    null,
    number,
)

_BERT: Final[Mapping[str, Check]] = {
    **COMMON,
    "add_cross_attention": false,
    "attention_probs_dropout_prob": RATE,
    "classifier_dropout": either(null, RATE),
    "hidden_dropout_prob": RATE,
    "is_decoder": false,
    "layer_norm_eps": number(0, 1),
    "position_embedding_type": choice("absolute"),
    "type_vocab_size": integer(1, 64),
}
_MODERN_BERT: Final[Mapping[str, Check]] = {
    **COMMON,
    "attention_bias": flag,
    "attention_dropout": RATE,
    "classifier_activation": ACTIVATION,
    "classifier_bias": flag,
    "classifier_dropout": RATE,
    "classifier_pooling": choice("cls", "mean"),
    "cls_token_id": TOKEN,
    "decoder_bias": flag,
    "deterministic_flash_attn": false,
    "embedding_dropout": RATE,
    "global_attn_every_n_layers": integer(1, 128),
    "global_rope_theta": number(1, 1e12),
    "hidden_activation": ACTIVATION,
    "initializer_cutoff_factor": number(0, 100),
    "layer_norm_eps": number(0, 1),
    "layer_types": LAYER_TYPES,
    "local_attention": integer(2, 2**20),
    "local_rope_theta": either(null, number(1, 1e12)),
    "mlp_bias": flag,
    "mlp_dropout": RATE,
    "norm_bias": flag,
    "norm_eps": number(0, 1),
    "position_embedding_type": choice("absolute"),
    "reference_compile": either(null, false),
    "rope_parameters": either(null, ROPE_BY_LAYER),
    "sep_token_id": TOKEN,
    "sparse_pred_ignore_index": integer(-100, -100),
    "sparse_prediction": false,
}


def _bert_parameters(sizes: Sizes) -> int:
    hidden = sizes["hidden_size"]
    tables = sizes["vocab_size"] + sizes["max_position_embeddings"]
    layer = 4 * hidden * hidden + 2 * hidden * sizes["intermediate_size"]
    return tables * hidden + sizes["num_hidden_layers"] * layer


def _modern_parameters(sizes: Sizes) -> int:
    hidden = sizes["hidden_size"]
    layer = 4 * hidden * hidden + 3 * hidden * sizes["intermediate_size"]
    return sizes["vocab_size"] * hidden + sizes["num_hidden_layers"] * layer


def _family(
    prefix: str,
    model_type: str,
    fields: Mapping[str, Check],
    least_parameters: Callable[[Sizes], int],
) -> tuple[Architecture, Architecture]:
    """A family's classifier and its bare body."""

    def one(name: str, *, has_labels: bool) -> Architecture:
        return Architecture(
            name=f"{prefix}{name}",
            model_type=model_type,
            module=f"transformers.models.{model_type}.modeling_{model_type}",
            fields=fields,
            required=SIZES,
            least_parameters=least_parameters,
            discord=heads_discord,
            has_labels=has_labels,
        )

    return (
        one("ForSequenceClassification", has_labels=True),
        one("Model", has_labels=False),
    )


ENCODERS: Final = (
    *_family("Bert", "bert", _BERT, _bert_parameters),
    *_family("Roberta", "roberta", _BERT, _bert_parameters),
    *_family("ModernBert", "modernbert", _MODERN_BERT, _modern_parameters),
)
