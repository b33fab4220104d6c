"""What a model said of an example, and what would have been right."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.protocol.canonical import canonical_bytes

MAX_OUTPUT_TEXT = 20_000  # characters; what goes beyond is cut


@dataclass(frozen=True, slots=True)
class Output:
    """What a model said of one example: numbers, or a text.

    ``scores`` are a log-probability per choice, in order; the one log-likelihood of a
    whole text; or a vector's coordinates. ``text`` is what was generated, and then
    there are no scores.
    """

    id: str
    scores: tuple[float, ...] = ()
    text: str | None = None

    def canonical(self) -> bytes:
        """The bytes by which digests and receipts know this output.

        The canonical JSON array of the id and each score as ``float.hex``; of a text,
        the array of the id and ``{"text": …}``, which no score can look like.
        """
        if self.text is not None:
            return canonical_bytes([self.id, {"text": self.text}])
        # a float in hex needs no escaping, so only the id goes the slow way
        parts = [canonical_bytes(self.id)]
        parts += (f'"{float(value).hex()}"'.encode() for value in self.scores)
        return b"[" + b",".join(parts) + b"]"

    def to_row(self) -> dict[str, Any]:
        """The output as it is sent and kept: its id with ``scores`` or ``text``."""
        if self.text is not None:
            return {"id": self.id, "text": self.text}
        return {"id": self.id, "scores": [float(score).hex() for score in self.scores]}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Output":
        """The output that ``to_row`` wrote."""
        if "text" in row:
            return cls(row["id"], text=row["text"])
        return cls(row["id"], tuple(float.fromhex(text) for text in row["scores"]))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is right of one example.

    Attributes:
        label: index of the right choice or class; 0 where there are none.
        lengths: bytes of each choice, or of the whole text; empty where no metric
            needs them.
        targets: the texts that count as right.
        gold: the number that is right, where the model gives one.
        cluster: the source that the example shares with others, or empty.
        slices: its values in the columns by which the benchmark is sliced.
    """

    id: str
    label: int
    lengths: tuple[int, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    cluster: str = ""
    gold: float = 0.0

    def to_row(self) -> dict[str, Any]:
        """The answer as it is kept; what is absent is left out."""
        row = {"id": self.id, "label": self.label, "lengths": list(self.lengths)}
        more = {
            "slices": dict(self.slices),
            "targets": list(self.targets),
            "cluster": self.cluster,
            "gold": self.gold,
        }
        return row | {name: value for name, value in more.items() if value}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Answer":
        """The answer that ``to_row`` wrote."""
        return cls(
            id=row["id"],
            label=row["label"],
            lengths=tuple(row["lengths"]),
            slices=row.get("slices", {}),
            targets=tuple(row.get("targets", ())),
            cluster=row.get("cluster", ""),
            gold=row.get("gold", 0.0),
        )


def outputs_digest(outputs: Iterable[Output]) -> str:
    """Return the SHA-256 of all outputs, bit for bit, whatever order they come in.

    One line an example, sorted by id: ``Output.canonical``, ended by a line feed.
    """
    lines = hashlib.sha256()
    for _, line in sorted((output.id, output.canonical()) for output in outputs):
        lines.update(line + b"\n")
    return lines.hexdigest()
