"""LoRA adapters: a few small matrices that change a base model (Hu et al. 2021)."""

import json
from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import PreTrainedModel

from evaluator.engine.faults import ModelFault

# What an adapter_config.json may say to peft; every other key is left unread, among
# them those that name base models, revisions or classes to import.
_READ_KEYS = (
    "alpha_pattern",
    "bias",
    "fan_in_fan_out",
    "layers_pattern",
    "layers_to_transform",
    "lora_alpha",
    "modules_to_save",
    "r",
    "rank_pattern",
    "target_modules",
    "task_type",
    "use_rslora",
)


def add_adapter(base: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """``base`` with the folder's LoRA adapter merged into its weights.

    Raises:
        ModelFault: ``adapter_unreadable``, ``adapter_unloadable``.
    """
    config = _read_config(folder / "adapter_config.json")
    try:
        weights = load_file(folder / "adapter_model.safetensors")
        tuned = get_peft_model(base, config)
        report = set_peft_model_state_dict(tuned, weights)
    except Exception as error:  # whatever a file makes the library raise
        raise ModelFault(
            "adapter_unloadable",
            f"The adapter does not fit its base model: {type(error).__name__}.",
            fix="Train it on the competition's base model and save it with peft.",
            where="adapter_model.safetensors",
        ) from error
    _check_fit(report)
    merged: PreTrainedModel = tuned.merge_and_unload()
    return merged


def _read_config(path: Path) -> LoraConfig:
    try:
        keys = json.loads(path.read_text("utf-8"))
        if keys["peft_type"] != "LORA":
            raise ValueError("peft_type is not LORA")
        known: dict[str, Any] = {key: keys[key] for key in _READ_KEYS if key in keys}
        return LoraConfig(**known, inference_mode=True, lora_dropout=0.0)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault(
            "adapter_unreadable",
            f"adapter_config.json cannot be used: {type(error).__name__}: {error}.",
            fix="Save the adapter with peft's save_pretrained.",
            where="adapter_config.json",
        ) from error


def _check_fit(report: Any) -> None:
    """Refuse an adapter of which a part is left unused or left at its random start."""
    missing = [
        key
        for key in report.missing_keys
        if ".lora_" in key or ".modules_to_save." in key
    ]
    unused = list(report.unexpected_keys)
    if missing or unused:
        key = (missing + unused)[0]
        words = "lacks" if missing else "contains, for no part of the model,"
        raise ModelFault(
            "adapter_incomplete",
            f"The adapter {words} {key}.",
            fix="Save the adapter with peft's save_pretrained.",
            where="adapter_model.safetensors",
        )
