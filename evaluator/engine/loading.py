"""Weights from a folder into one of transformers' own classes, never other code.

A folder's ``config.json`` picks a line of ``ARCHITECTURES`` and nothing else; keys
that could pull in code are refused here again, though they were refused at upload.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from assay.protocol.errors import Invalid
from evaluator.engine.adapters import add_adapter
from evaluator.engine.architectures import ARCHITECTURES, Architecture
from evaluator.engine.faults import ModelFault
from evaluator.engine.packing import pack_linears
from evaluator.job import Job

_FORBIDDEN_KEYS = frozenset(
    {
        "auto_map",
        "attn_implementation",
        "_attn_implementation",
        "_attn_implementation_internal",
        "custom_pipelines",
        "kernel_config",
        "quantization_config",
        "trust_remote_code",
        "use_kernels",
    }
)


def load_model(job: Job) -> PreTrainedModel:
    """The job's model, float32, ready to run.

    With a ``base_dir`` the job's folder holds a LoRA adapter on top of it.

    Raises:
        ModelFault: the model's files cannot be run; codes ``config_…``,
            ``architecture_…``, ``weights_…``, ``adapter_…``.
        Invalid: ``base_unloadable`` when the benchmark's base model cannot.
    """
    if job.base_dir is None:
        model = _load_whole(Path(job.model_dir), job.task_type)
    else:
        model = _load_base(Path(job.base_dir), job.task_type)
        model = add_adapter(model, Path(job.model_dir))
    model.eval()
    pack_linears(model)
    return model


def _load_base(folder: Path, task_type: str) -> PreTrainedModel:
    try:
        return _load_whole(folder, task_type)
    except ModelFault as fault:
        raise Invalid(
            "base_unloadable", f"The base model cannot be run: {fault.sentence}"
        ) from fault


def _load_whole(folder: Path, task_type: str) -> PreTrainedModel:
    keys = _read_config(folder)
    architecture = _architecture(keys, task_type)
    if (folder / "adapter_config.json").exists():
        raise ModelFault(
            "adapter_unexpected",
            "The folder holds an adapter and the job names no base model.",
            where="adapter_config.json",
        )
    try:
        model, report = architecture.model.from_pretrained(
            str(folder),
            config=architecture.config.from_dict(keys),
            dtype=torch.float32,
            attn_implementation=architecture.attention,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
        )
    except Exception as error:  # whatever a file makes the library raise
        raise ModelFault(
            "weights_unloadable", f"The weights cannot be loaded: {brief(error)}."
        ) from error
    _check_complete(report)
    return model


def brief(error: Exception) -> str:
    """The error's kind and first line, short enough for a sentence."""
    line = (str(error).splitlines() or [""])[0][:200].rstrip(". ")
    return f"{type(error).__name__}: {line}"


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        keys = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFault(
            "config_unreadable",
            f"The model's config.json cannot be read: {brief(error)}.",
            where="config.json",
        ) from error
    if not isinstance(keys, dict):
        raise ModelFault(
            "config_unreadable", "config.json is not an object.", where="config.json"
        )
    forbidden = sorted(_FORBIDDEN_KEYS & keys.keys())
    if forbidden:
        raise ModelFault(
            "config_forbidden_key",
            f"config.json may not contain {forbidden[0]}.",
            fix="Remove the key and submit again.",
            where="config.json",
        )
    return keys


def _architecture(keys: Mapping[str, Any], task_type: str) -> Architecture:
    names = keys.get("architectures")
    name = names[0] if isinstance(names, list) and len(names) == 1 else None
    architecture = ARCHITECTURES.get(name) if isinstance(name, str) else None
    if architecture is None:
        known = ", ".join(ARCHITECTURES)
        raise ModelFault(
            "architecture_unknown",
            f"config.json names the architectures {names!r}, which are not allowed.",
            fix=f"Name exactly one of {known}.",
            where="config.json",
        )
    fits = task_type in architecture.task_types
    if not fits or keys.get("model_type") != architecture.config.model_type:
        raise ModelFault(
            "architecture_unfit",
            f"{name} with this model_type cannot be used for {task_type}.",
            where="config.json",
        )
    return architecture


def _check_complete(report: Mapping[str, Any]) -> None:
    """Refuse weights that would leave a part of the model random or unused."""
    for kind, words in (
        ("missing_keys", "lack"),
        ("mismatched_keys", "have the wrong shape for"),
        ("unexpected_keys", "contain, for no part of the model,"),
    ):
        keys = sorted(map(str, report.get(kind) or ()))
        if keys:
            raise ModelFault(
                "weights_incomplete",
                f"The weights {words} {keys[0]} ({len(keys)} in all).",
                fix="Save the whole model with save_pretrained.",
                where="model.safetensors",
            )
