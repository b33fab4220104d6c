"""The weight files of one submission, taken together."""

from collections.abc import Iterator, Mapping
from typing import Final

from assay.protocol.admission.findings import FaultError, Finding
from assay.protocol.admission.names import shard_of
from assay.protocol.admission.safetensors import Tensor
from assay.protocol.admission.schema import (
    integer,
    map_of,
    number,
    record,
    text,
)
from assay.protocol.admission.strict_json import JsonObject

INDEX: Final = "model.safetensors.index.json"
ADAPTER_PREFIX: Final = "base_model.model."

Shards = Mapping[str, tuple[Tensor, ...]]

_INDEX = record(
    {
        "metadata": record(
            {"total_size": number(0, 2**53), "total_parameters": integer(0, 2**53)}
        ),
        "weight_map": map_of(text(256), text(64), 100_000),
    }
)


def shard_name_findings(paths: list[str], *, has_index: bool) -> Iterator[Finding]:
    """Whether the weight files are one whole model: one file, or every shard of it."""
    shards = [path for path in paths if shard_of(path) is not None]
    if shards and len(shards) < len(paths):
        yield Finding(
            "shards_mixed",
            "model.safetensors",
            "There is a whole model beside shards of one.",
            "Upload either model.safetensors or the shards.",
        )
        return
    counts = {place[1] for path in shards if (place := shard_of(path)) is not None}
    if shards and counts != {len(shards)}:
        yield Finding(
            "shards_incomplete",
            min(shards),
            "The numbered weight files do not make one complete set.",
            "Upload every shard of one save.",
        )
    if bool(shards) != has_index:
        sentence = (
            f"Shards need {INDEX}." if shards else f"{INDEX} has no shards beside it."
        )
        yield Finding("shards_index", INDEX, sentence, "Upload the folder as saved.")


def repeated_tensors(shards: Shards) -> Iterator[Finding]:
    """Tensors that two files hold."""
    seen: dict[str, str] = {}
    for path, tensors in shards.items():
        for tensor in tensors:
            if tensor.name in seen:
                sentence = f"Tensor {tensor.name} is in {seen[tensor.name]} too."
                yield Finding("tensor_repeated", path, sentence)
                break
            seen[tensor.name] = path


def index_faults(index: JsonObject, shards: Shards) -> Iterator[FaultError]:
    """Whether the index tells where each tensor really is."""
    if want := _INDEX(dict(index)):
        yield FaultError("index_value", f"The index must be {want}.")
        return
    held = {tensor.name: path for path, tensors in shards.items() for tensor in tensors}
    if index.get("weight_map") != held:
        yield FaultError(
            "index_mismatch",
            "The index does not say where the tensors of the shards are.",
            "Upload the index that was saved with these shards.",
        )


def adapter_tensor_faults(tensors: tuple[Tensor, ...]) -> Iterator[FaultError]:
    """Whether an adapter's tensors are named as peft names them."""
    strangers = [t.name for t in tensors if not t.name.startswith(ADAPTER_PREFIX)]
    if strangers:
        yield FaultError(
            "adapter_tensor",
            f"Tensor {strangers[0]} is no part of an adapter: its name must begin "
            f"with {ADAPTER_PREFIX}",
            "Save the adapter with peft's save_pretrained.",
        )


def parameter_count(shards: Shards) -> int:
    """How many numbers the files hold together."""
    return sum(tensor.elements for tensors in shards.values() for tensor in tensors)
