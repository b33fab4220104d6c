"""Which file names are admitted, and what each file is for."""

import re
from enum import StrEnum
from typing import Final

from assay.protocol.admission.findings import FaultError, quoted


class Role(StrEnum):
    """What a file is for."""

    WEIGHTS = "weights"
    INDEX = "index"
    CONFIG = "config"
    GENERATION_CONFIG = "generation-config"
    ADAPTER_WEIGHTS = "adapter-weights"
    ADAPTER_CONFIG = "adapter-config"
    README = "readme"


_NAMES: Final = {
    "model.safetensors": Role.WEIGHTS,
    "model.safetensors.index.json": Role.INDEX,
    "config.json": Role.CONFIG,
    "generation_config.json": Role.GENERATION_CONFIG,
    "adapter_model.safetensors": Role.ADAPTER_WEIGHTS,
    "adapter_config.json": Role.ADAPTER_CONFIG,
    "README.md": Role.README,
}
_SHARD = re.compile(r"model-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.safetensors")
_PICKLES = re.compile(r".*\.(bin|pt|pth|pkl|pickle|ckpt|joblib|npy|npz)", re.IGNORECASE)
_CODE = re.compile(r".*\.(py|pyc|so|sh|ipynb|jinja|dll|exe)", re.IGNORECASE)
_TOKENIZER = re.compile(
    r"tokenizer.*|vocab\..*|merges\.txt|special_tokens_map\.json|added_tokens\.json"
    r"|.*\.model|chat_template.*"
)


def role_of(path: str) -> Role:
    """What the file at ``path`` is for.

    Raises:
        FaultError: ``name_pickle``, ``name_code``, ``name_tokenizer`` or
            ``name_not_admitted``.
    """
    if path in _NAMES:
        return _NAMES[path]
    if shard_of(path) is not None:
        return Role.WEIGHTS
    if _PICKLES.fullmatch(path):
        raise FaultError(
            "name_pickle",
            f"{quoted(path)} is named like a pickle, which can run code when loaded.",
            "Upload safetensors weights and leave this file out.",
        )
    if _CODE.fullmatch(path):
        raise FaultError(
            "name_code",
            f"{quoted(path)} is code or a template, and none of a miner's is run here.",
            "Leave the file out; the architecture must be one that is built in.",
        )
    if _TOKENIZER.fullmatch(path):
        raise FaultError(
            "name_tokenizer",
            f"{quoted(path)} belongs to a tokenizer; the benchmark brings its own.",
            "Leave the file out.",
        )
    raise FaultError(
        "name_not_admitted",
        f"{quoted(path)} is no file that a submission has.",
        f"Leave it out. Admitted are {', '.join(_NAMES)} and numbered shards.",
    )


def shard_of(path: str) -> tuple[int, int] | None:
    """(number, count) of ``model-00001-of-00003.safetensors``; None for other names."""
    found = _SHARD.fullmatch(path)
    if found is None:
        return None
    number, count = int(found["number"]), int(found["count"])
    return (number, count) if 1 <= number <= count else None
