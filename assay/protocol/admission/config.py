"""``config.json``: an admitted architecture, said in admitted words."""

from collections.abc import Iterator
from typing import Final

from assay.protocol.admission.architectures import (
    ARCHITECTURES,
    Architecture,
    sizes_of,
)
from assay.protocol.admission.findings import FaultError, quoted
from assay.protocol.admission.rules import AdmissionRules
from assay.protocol.admission.schema import (
    Check,
    either,
    field_faults,
    flag,
    integer,
    list_of,
    null,
    number,
    text,
)
from assay.protocol.admission.strict_json import JsonObject

_DEFAULT_LABELS: Final = 2  # what transformers assumes when nothing is said

_REMOTE_CODE: Final = frozenset({"auto_map", "trust_remote_code", "custom_pipelines"})
_QUANTISED: Final = frozenset({"quantization_config", "compression_config"})


def config_faults(config: JsonObject, rules: AdmissionRules) -> Iterator[FaultError]:
    """Everything that is wrong with a model's ``config.json``."""
    yield from _forbidden(config)
    architecture = _architecture(config, rules)
    if isinstance(architecture, FaultError):
        yield architecture
        return
    plain = {k: v for k, v in config.items() if k not in _REMOTE_CODE | _QUANTISED}
    wrong = list(
        field_faults("config", plain, architecture.fields, architecture.required)
    )
    yield from wrong
    if not wrong:
        yield from _coherence_faults(plain, architecture, rules)


def least_parameters(config: JsonObject) -> int:
    """A lower bound of the model's size, from a config that has no faults."""
    match config["architectures"]:
        case [str() as name]:
            return ARCHITECTURES[name].least_parameters(sizes_of(config))
    return 0


def generation_config_faults(config: JsonObject) -> Iterator[FaultError]:
    """Everything that is wrong with ``generation_config.json``, which is not used."""
    return field_faults("generation_config", config, _GENERATION, frozenset())


def label_count(config: JsonObject) -> int:
    """How many classes a config without faults gives its model."""
    labels = config.get("id2label")
    if isinstance(labels, dict):
        return len(labels)
    count = config.get("num_labels", _DEFAULT_LABELS)
    return count if isinstance(count, int) else _DEFAULT_LABELS


def _forbidden(config: JsonObject) -> Iterator[FaultError]:
    for key in sorted(config.keys() & _REMOTE_CODE):
        yield FaultError(
            "config_remote_code",
            f"The key {key} asks for code from elsewhere, and none of it is run here.",
            "Remove the key and use an architecture that transformers has built in.",
        )
    for key in sorted(config.keys() & _QUANTISED):
        yield FaultError(
            "config_quantised",
            f"The key {key} describes packed weights, which are not admitted.",
            "Dequantise the model, save it as float16 or bfloat16, and remove the key.",
        )


def _architecture(
    config: JsonObject, rules: AdmissionRules
) -> Architecture | FaultError:
    match config.get("architectures"):
        case [str() as name] if name in rules.architectures & ARCHITECTURES.keys():
            architecture = ARCHITECTURES[name]
        case [str() as name]:
            return _not_admitted(f"The architecture {quoted(name)}", rules)
        case _:
            return _not_admitted("A config that does not name one architecture", rules)
    if config.get("model_type") != architecture.model_type:
        return FaultError(
            "config_model_type",
            f"model_type must be '{architecture.model_type}' for {architecture.name}.",
        )
    return architecture


def _not_admitted(what: str, rules: AdmissionRules) -> FaultError:
    admitted = ", ".join(sorted(rules.architectures & ARCHITECTURES.keys()))
    return FaultError(
        "config_architecture",
        f"{what} is not admitted here.",
        f"Use one of: {admitted}.",
    )


def _coherence_faults(
    config: JsonObject, architecture: Architecture, rules: AdmissionRules
) -> Iterator[FaultError]:
    sizes = sizes_of(config)
    discord = architecture.discord(sizes)
    if discord is not None:
        yield FaultError("config_sizes", f"{discord}.")
    if sizes.get("pad_token_id", 0) >= sizes["vocab_size"]:
        yield FaultError("config_sizes", "pad_token_id must be below vocab_size.")
    if architecture.has_labels:
        yield from _label_faults(config, rules)


def _label_faults(config: JsonObject, rules: AdmissionRules) -> Iterator[FaultError]:
    labels = config.get("id2label")
    count = label_count(config)
    if isinstance(labels, dict) and labels.keys() != set(map(str, range(count))):
        yield FaultError("config_labels", "id2label must number its labels from 0.")
    if config.get("num_labels", count) != count:
        yield FaultError("config_labels", "num_labels and id2label disagree.")
    if rules.num_labels is not None and count != rules.num_labels:
        yield FaultError(
            "config_labels",
            f"The model has {count} labels and the task has {rules.num_labels}.",
            f"Load the base model with num_labels={rules.num_labels} and train again.",
        )


_COUNT = either(null, integer(0, 2**20))
_TOKENS = either(null, integer(0, 2**20), list_of(integer(0, 2**20), 64))
_GENERATION: Final[dict[str, Check]] = {
    "_from_model_config": flag,
    "bos_token_id": _TOKENS,
    "do_sample": flag,
    "eos_token_id": _TOKENS,
    "max_length": _COUNT,
    "max_new_tokens": _COUNT,
    "output_attentions": flag,
    "output_hidden_states": flag,
    "pad_token_id": _TOKENS,
    "repetition_penalty": either(null, number(0, 100)),
    "temperature": either(null, number(0, 100)),
    "top_k": _COUNT,
    "top_p": either(null, number(0, 1)),
    "transformers_version": text(40),
    "use_cache": flag,
}
