"""``adapter_config.json``: a plain LoRA, as peft writes it.

Keys that peft would follow somewhere (patterns, other libraries, other methods of
initialisation) are known here so that their harmless defaults pass and nothing else.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from assay.protocol.admission.architectures import ARCHITECTURES
from assay.protocol.admission.findings import FaultError
from assay.protocol.admission.schema import (
    Check,
    choice,
    either,
    false,
    field_faults,
    flag,
    integer,
    list_of,
    map_of,
    module_name,
    module_names,
    null,
    number,
    record,
    text,
)
from assay.protocol.admission.strict_json import JsonObject

MAX_RANK: Final = 512
_MAX_PATTERNS: Final = 4096
_RANK = integer(1, MAX_RANK)
_ALPHA = number(0, 65_536)
_LAYERS = list_of(integer(0, 1023), 1024)

_CLASS_NAMES = choice(*ARCHITECTURES)
_CLASS_MODULES = choice(*sorted({one.module for one in ARCHITECTURES.values()}))

_FIELDS: Final[Mapping[str, Check]] = {
    "alora_invocation_tokens": null,
    # peft reads the keys as patterns; plain names leave it nothing to search.
    "alpha_pattern": map_of(module_name, _ALPHA, _MAX_PATTERNS),
    "arrow_config": null,
    "auto_mapping": either(
        null,
        record({"base_model_class": _CLASS_NAMES, "parent_library": _CLASS_MODULES}),
    ),
    # Never followed: the base model is the competition's.
    "base_model_name_or_path": either(null, text(500)),
    "bias": choice("none", "all", "lora_only"),
    "corda_config": null,
    "ensure_weight_tying": flag,
    "eva_config": null,
    "exclude_modules": either(null, module_names),
    "fan_in_fan_out": flag,
    "inference_mode": flag,
    "init_lora_weights": either(flag, choice("gaussian")),
    "kasa_config": null,
    "layer_replication": null,
    "layers_pattern": either(null, module_name, module_names),
    "layers_to_transform": either(null, integer(0, 1023), _LAYERS),
    "loftq_config": either(null, record({})),
    "lora_alpha": _ALPHA,
    "lora_bias": flag,
    "lora_dropout": number(0, 1),
    "lora_ga_config": null,
    "megatron_config": null,
    "megatron_core": either(null, choice("megatron.core")),
    "modules_to_save": either(null, module_names),
    "monteclora_config": null,
    "peft_type": choice("LORA"),
    "peft_version": text(40),
    "qalora_group_size": integer(1, 1024),
    "r": _RANK,
    "rank_pattern": map_of(module_name, _RANK, _MAX_PATTERNS),
    "revision": either(null, text(200)),
    "target_modules": either(choice("all-linear"), module_names),
    "target_parameters": null,
    "task_type": either(null, choice("SEQ_CLS", "CAUSAL_LM", "FEATURE_EXTRACTION")),
    "trainable_token_indices": null,
    "use_bdlora": null,
    "use_dora": flag,
    "use_qalora": false,
    "use_rslora": flag,
    "velora_config": null,
}
_REQUIRED: Final = frozenset({"peft_type", "r", "target_modules"})


def adapter_config_faults(config: JsonObject) -> Iterator[FaultError]:
    """Everything that is wrong with an adapter's config."""
    return field_faults("adapter", config, _FIELDS, _REQUIRED)
