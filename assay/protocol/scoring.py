"""From per-example outputs and hidden answers to one score with an interval.

Every metric, its guarantee and a worked table: docs/algorithms/scoring.md.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from assay.protocol.canonical import canonical_bytes
from assay.protocol.errors import Invalid
from assay.protocol.intervals import Estimate, accuracy, macro_f1


@dataclass(frozen=True, slots=True)
class Output:
    """What a model said of one example: a log-probability per choice, in order."""

    id: str
    scores: tuple[float, ...]

    def canonical(self) -> bytes:
        """The bytes by which digests and receipts know this output.

        The canonical JSON array of the id and each score as ``float.hex``.
        """
        # a float in hex needs no escaping, so only the id goes the slow way
        parts = [canonical_bytes(self.id)]
        parts += (f'"{float(value).hex()}"'.encode() for value in self.scores)
        return b"[" + b",".join(parts) + b"]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is right: the index of the choice, and each choice's length in bytes.

    ``lengths`` may be empty where no metric needs it; ``slices`` are the example's
    values in the columns by which the benchmark is sliced.
    """

    id: str
    label: int
    lengths: tuple[int, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SliceScore:
    """The score of the ``count`` examples whose ``column`` has the value ``name``."""

    column: str
    name: str
    count: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """A finite value with its 95 % interval, 0 <= low <= value <= high <= 1.

    ``correct`` says which examples were right, in the order of the answers;
    ``slices`` are reported beside it, by column and name.
    """

    value: float
    low: float
    high: float
    count: int
    correct: tuple[bool, ...]
    slices: tuple[SliceScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """How one example's choice is read off, and how choices become a value."""

    choose: Callable[[Output, Answer], int]
    estimate: Callable[[Sequence[int], Sequence[int]], Estimate]


def outputs_digest(outputs: Iterable[Output]) -> str:
    """Return the SHA-256 of all outputs, bit for bit, whatever order they come in.

    One line an example, sorted by id: ``Output.canonical``, ended by a line feed.
    """
    lines = hashlib.sha256()
    for _, line in sorted((output.id, output.canonical()) for output in outputs):
        lines.update(line + b"\n")
    return lines.hexdigest()


def score(metric: str, outputs: Sequence[Output], answers: Sequence[Answer]) -> Score:
    """Score a model's outputs against the answers; all of them, or none.

    The choice is the highest score; of equal scores the first one counts.

    Raises:
        Invalid: ``metric_unknown``; ``answers_…`` when the benchmark is at fault;
            ``outputs_missing``, ``outputs_extra``, ``outputs_twice``,
            ``outputs_not_finite`` or ``outputs_width`` when the outputs are.
    """
    measure = find_metric(metric)
    paired = _pair(outputs, answers)
    chosen = [measure.choose(output, answer) for output, answer in paired]
    labels = [answer.label for answer in answers]
    found = measure.estimate(labels, chosen)
    correct = tuple(a == b for a, b in zip(labels, chosen, strict=True))
    slices = _slices(measure, answers, chosen)
    return Score(found.value, found.low, found.high, len(labels), correct, slices)


def _slices(
    measure: Metric, answers: Sequence[Answer], chosen: Sequence[int]
) -> tuple[SliceScore, ...]:
    parts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for answer, choice in zip(answers, chosen, strict=True):
        for column, name in answer.slices.items():
            parts.setdefault((column, name), []).append((answer.label, choice))
    found = []
    for (column, name), pairs in sorted(parts.items()):
        labels, choices = zip(*pairs, strict=True)
        one = measure.estimate(labels, choices)
        found.append(SliceScore(column, name, len(pairs), one.value, one.low, one.high))
    return tuple(found)


def find_metric(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        Invalid: ``metric_unknown``.
    """
    if name not in METRICS:
        raise Invalid(
            "metric_unknown",
            f"There is no metric {name!r}.",
            fix=f"Choose one of: {', '.join(sorted(METRICS))}.",
            where="metric",
        )
    return METRICS[name]


def _highest(output: Output, answer: Answer) -> int:  # noqa: ARG001 - a Metric.choose
    return output.scores.index(max(output.scores))


def _highest_per_byte(output: Output, answer: Answer) -> int:
    if not answer.lengths:
        raise Invalid(
            "answers_lengths",
            "Normalised accuracy needs the byte length of each choice.",
            where=answer.id,
        )
    pairs = zip(output.scores, answer.lengths, strict=True)
    rates = [value / length for value, length in pairs]
    return rates.index(max(rates))


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": Metric(_highest, accuracy),
        "accuracy_normalised": Metric(_highest_per_byte, accuracy),
        "macro_f1": Metric(_highest, macro_f1),
    }
)


def _pair(
    outputs: Sequence[Output], answers: Sequence[Answer]
) -> list[tuple[Output, Answer]]:
    if not answers:
        raise Invalid("answers_empty", "The benchmark has no answers to score against.")
    _refuse_twice("answers_twice", "answers", [answer.id for answer in answers])
    _refuse_twice("outputs_twice", "outputs", [output.id for output in outputs])
    found = {output.id: output for output in outputs}
    wanted = {answer.id for answer in answers}
    _refuse_some("outputs_missing", "have no output", wanted - found.keys())
    _refuse_some("outputs_extra", "were never asked", found.keys() - wanted)
    paired = [(found[answer.id], answer) for answer in answers]
    for output, answer in paired:
        _check_answer(answer)
        _check_output(output, answer)
    return paired


def _refuse_twice(code: str, what: str, ids: Sequence[str]) -> None:
    twice = sorted(name for name, times in Counter(ids).items() if times > 1)
    if twice:
        raise Invalid(
            code, f"{len(twice)} examples stand twice in the {what}.", where=twice[0]
        )


def _refuse_some(code: str, fault: str, ids: set[str]) -> None:
    if ids:
        raise Invalid(code, f"{len(ids)} examples {fault}.", where=min(ids))


def _check_answer(answer: Answer) -> None:
    if answer.label < 0 or any(length <= 0 for length in answer.lengths):
        raise Invalid(
            "answers_malformed",
            "An answer has a negative label or a choice of no length.",
            where=answer.id,
        )


def _check_output(output: Output, answer: Answer) -> None:
    if not all(math.isfinite(value) for value in output.scores):
        raise Invalid(
            "outputs_not_finite",
            "The model's output is not a finite number, so there is no score.",
            where=output.id,
        )
    wanted = len(answer.lengths) or max(len(output.scores), answer.label + 1)
    if len(output.scores) != wanted:
        raise Invalid(
            "outputs_width",
            f"The output has {len(output.scores)} scores where the example has"
            f" {wanted} choices.",
            where=output.id,
        )
    if answer.label >= wanted:
        raise Invalid(
            "answers_malformed",
            f"The right answer is choice {answer.label} of {wanted}, from 0.",
            where=output.id,
        )
