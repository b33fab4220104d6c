"""Every file of a submission, inspected without loading any of it.

Reads headers and small text files only, so that a hundred gigabytes cost as little as
one; never imports, unpickles or executes what it reads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from assay.protocol.admission.adapter import adapter_config_faults
from assay.protocol.admission.config import (
    config_faults,
    generation_config_faults,
    least_parameters,
)
from assay.protocol.admission.findings import (
    FaultError,
    Finding,
    ReadRange,
    read_exactly,
)
from assay.protocol.admission.names import Role, role_of
from assay.protocol.admission.recognition import LOOK_AT, refuse_foreign
from assay.protocol.admission.rules import MIB, AdmissionRules, Kind
from assay.protocol.admission.safetensors import Tensor, read_header
from assay.protocol.admission.strict_json import JsonObject, parse_object
from assay.protocol.admission.weights import (
    INDEX,
    adapter_tensor_faults,
    index_faults,
    parameter_count,
    repeated_tensors,
    shard_name_findings,
)

T = TypeVar("T")

# A file of a million wrong keys is as wrong as one of twenty.
MAX_FAULTS: Final = 20

Files = Mapping[str, ReadRange]

_WEIGHT_ROLES: Final = frozenset({Role.WEIGHTS, Role.ADAPTER_WEIGHTS})
_LARGEST_TEXT: Final[Mapping[Role, int]] = {
    Role.CONFIG: MIB,
    Role.GENERATION_CONFIG: MIB // 4,
    Role.ADAPTER_CONFIG: MIB,
    Role.INDEX: 8 * MIB,
    Role.README: MIB,
}
_NEEDED: Final[Mapping[Kind, tuple[tuple[Role, str], ...]]] = {
    Kind.FULL: (
        (Role.WEIGHTS, "model.safetensors"),
        (Role.CONFIG, "config.json"),
    ),
    Kind.ADAPTER: (
        (Role.ADAPTER_WEIGHTS, "adapter_model.safetensors"),
        (Role.ADAPTER_CONFIG, "adapter_config.json"),
    ),
}


def inspect_files(files: Files, rules: AdmissionRules) -> list[Finding]:
    """Every reason to refuse ``files``; an empty list admits them.

    Nothing that a file says is followed, and a file's content is looked at only when
    the set as a whole is within its limits. ``rules.num_labels`` binds whole models;
    an adapter's classes are those of the base it is put on.
    """
    limits = list(_limit_findings(files, rules))
    if limits:
        return limits
    inspection = _Inspection(files, rules)
    inspection.run()
    return inspection.findings


def _limit_findings(files: Files, rules: AdmissionRules) -> Iterator[Finding]:
    if len(files) > rules.max_files:
        yield Finding(
            "files_too_many",
            "",
            f"There are {len(files)} files; {rules.max_files} is the most.",
            "Upload the model's own files only.",
        )
    total = sum(file.size for file in files.values())
    if total > rules.max_total_bytes:
        yield Finding(
            "files_too_large",
            "",
            f"The files have {total} bytes; {rules.max_total_bytes} is the most.",
            "Save a smaller model, or save it as bfloat16.",
        )


class _Inspection:
    """One run over one set of files; collects findings and what was parsed."""

    def __init__(self, files: Files, rules: AdmissionRules) -> None:
        self.files = files
        self.rules = rules
        self.findings: list[Finding] = []
        self.roles: dict[str, Role] = {}
        self.texts: dict[Role, JsonObject] = {}
        self.tensors: dict[str, tuple[Tensor, ...]] = {}

    def run(self) -> None:
        """Inspect names, the kind of the set, each file, and the set as a whole."""
        for path in sorted(self.files):
            role = self._attempt(path, partial(role_of, path))
            if role is not None:
                self.roles[path] = role
        self.findings.extend(self._kind_findings())
        for path, role in self.roles.items():
            self._inspect_one(path, role)
        if not self.findings:
            self.findings.extend(self._whole_findings())

    def _inspect_one(self, path: str, role: Role) -> None:
        if role in _WEIGHT_ROLES:
            tensors = self._attempt(path, lambda: _tensors(path, self.files[path]))
            if tensors is not None:
                self.tensors[path] = tensors
            return
        content = self._attempt(path, lambda: _text(path, self.files[path], role))
        if content is None or role is Role.README:
            return
        parsed = self._attempt(path, lambda: parse_object(content))
        if parsed is not None:
            self.texts[role] = parsed
            self._add(path, self._text_faults(role, parsed))

    def _text_faults(self, role: Role, parsed: JsonObject) -> Iterable[FaultError]:
        if role is Role.CONFIG:
            return config_faults(parsed, self.rules)
        if role is Role.GENERATION_CONFIG:
            return generation_config_faults(parsed)
        if role is Role.ADAPTER_CONFIG:
            return adapter_config_faults(parsed)
        return ()  # the index is compared with the shards once they are all read

    def _kind_findings(self) -> Iterator[Finding]:
        roles = set(self.roles.values())
        adapter = roles & {Role.ADAPTER_CONFIG, Role.ADAPTER_WEIGHTS}
        if adapter and roles - adapter - {Role.README}:
            yield Finding(
                "kind_mixed",
                "adapter_config.json",
                "The files of an adapter and of a whole model are mixed.",
                "Upload either the adapter alone or the merged model.",
            )
            return
        kind = Kind.ADAPTER if adapter else Kind.FULL
        if kind not in self.rules.kinds:
            yield Finding(
                "kind_not_admitted", "", f"This competition takes no {kind.value}s."
            )
        for role, path in _NEEDED[kind]:
            if role not in roles:
                yield Finding("file_missing", path, f"{path} is missing.", "Add it.")
        weights = [path for path, role in self.roles.items() if role is Role.WEIGHTS]
        yield from shard_name_findings(weights, has_index=Role.INDEX in roles)

    def _whole_findings(self) -> Iterator[Finding]:
        """What only a set of sound files can be asked."""
        yield from repeated_tensors(self.tensors)
        if Role.INDEX in self.texts:
            faults = index_faults(self.texts[Role.INDEX], self.tensors)
            yield from (fault.at(INDEX) for fault in faults)
        if Role.CONFIG in self.texts:
            yield from self._size_findings(self.texts[Role.CONFIG])
        else:
            for path, tensors in self.tensors.items():
                yield from (fault.at(path) for fault in adapter_tensor_faults(tensors))

    def _size_findings(self, config: JsonObject) -> Iterator[Finding]:
        least, held = least_parameters(config), parameter_count(self.tensors)
        if held < least:
            yield Finding(
                "weights_too_few",
                "config.json",
                f"The config describes at least {least} parameters and the weights "
                f"hold {held}.",
                "Upload the config and the weights of the same model.",
            )

    def _attempt(self, path: str, look: Callable[[], T]) -> T | None:
        try:
            return look()
        except FaultError as fault:
            self.findings.append(fault.at(path))
            return None

    def _add(self, path: str, faults: Iterable[FaultError]) -> None:
        self.findings.extend(fault.at(path) for fault in islice(faults, MAX_FAULTS))


def _tensors(path: str, file: ReadRange) -> tuple[Tensor, ...]:
    refuse_foreign(path, file.read(0, LOOK_AT), "safetensors")
    return read_header(file)


def _text(path: str, file: ReadRange, role: Role) -> bytes:
    refuse_foreign(path, file.read(0, LOOK_AT), "text")
    if file.size > _LARGEST_TEXT[role]:
        raise FaultError(
            "file_too_large",
            f"The file has {file.size} bytes; {_LARGEST_TEXT[role]} is the most.",
        )
    content = read_exactly(file, 0, file.size)
    if role is Role.README:
        _check_prose(content)
    return content


def _check_prose(content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as trouble:
        raise FaultError("file_not_text", "The file is not UTF-8 text.") from trouble
    if b"\x00" in content:
        raise FaultError(
            "file_not_text", "The file has null bytes, which text has not."
        )
