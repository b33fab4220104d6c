"""What the engine and the jail speak: a job goes in, an outcome comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.protocol.scoring import Output

MIB = 1 << 20


@dataclass(frozen=True)
class Job:
    """One model against one file of inputs; answers are never part of it.

    Args:
        task_type: one of ``evaluator.engine.task_types``.
        options: the task's options, as the benchmark states them.
        model_dir: the submitted files.
        base_dir: the base model, when the submission is an adapter on it.
        inputs: JSON lines, one example a line, without answers.
        tokenizer_dir: tokenizer files; the benchmark owns them, not the miner.
    """

    task_type: str
    options: Mapping[str, Any]
    model_dir: Path
    base_dir: Path | None
    inputs: Path
    tokenizer_dir: Path

    def to_document(self) -> dict[str, Any]:
        """The job as JSON values; the reverse of ``from_document``."""
        return {
            "task_type": self.task_type,
            "options": dict(self.options),
            "model_dir": str(self.model_dir),
            "base_dir": str(self.base_dir) if self.base_dir else None,
            "inputs": str(self.inputs),
            "tokenizer_dir": str(self.tokenizer_dir),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Job":
        """The job that ``to_document`` wrote."""
        base = document["base_dir"]
        return cls(
            task_type=document["task_type"],
            options=document["options"],
            model_dir=Path(document["model_dir"]),
            base_dir=Path(base) if base else None,
            inputs=Path(document["inputs"]),
            tokenizer_dir=Path(document["tokenizer_dir"]),
        )


@dataclass(frozen=True)
class Limits:
    """What one run may use; going over any of them is the model's failure.

    Args:
        memory_bytes: private memory, our libraries' 350 MiB included.
        cpu_seconds: processor time once the model is being read.
        wall_seconds: time on the clock once the model is being read.
        file_bytes: the size of the file of outputs.
        processes: threads; processes cannot be made at all.
        output_bytes: everything said on the standard streams.
    """

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int
    file_bytes: int = 64 * MIB
    processes: int = 64
    output_bytes: int = 1 * MIB


@dataclass(frozen=True)
class Usage:
    """What a run used, start-up included; ``peak_bytes`` is resident memory."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Measured:
    """The model ran to its end; every score is finite."""

    outputs: tuple[Output, ...]
    usage: Usage
    engine_version: str


@dataclass(frozen=True)
class ModelFailed:
    """The model's own failure: it counts and is not retried."""

    code: str
    sentence: str
    usage: Usage


@dataclass(frozen=True)
class JailFailed:
    """The platform's failure: it costs the miner nothing and may be retried."""

    code: str
    sentence: str


Outcome = Measured | ModelFailed | JailFailed
