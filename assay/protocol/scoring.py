"""From per-example outputs and hidden answers to one score with an interval.

Every metric, its guarantee and a worked table: docs/algorithms/scoring.md.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay.protocol.errors import Invalid
from assay.protocol.metrics import METRICS, Metric, find_metric
from assay.protocol.outputs import Answer, Output, outputs_digest

__all__ = [
    "METRICS",
    "Answer",
    "Output",
    "Score",
    "SliceScore",
    "outputs_digest",
    "score",
]


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

    ``values`` are what each example is worth by itself, 0 to 1, in the order of the
    answers; ``slices`` are reported beside it, by column and name.
    """

    value: float
    low: float
    high: float
    count: int
    values: tuple[float, ...]
    slices: tuple[SliceScore, ...] = ()

    @property
    def correct(self) -> tuple[bool, ...]:
        """Which examples were wholly right."""
        return tuple(value == 1 for value in self.values)


def score(metric: str, outputs: Sequence[Output], answers: Sequence[Answer]) -> Score:
    """Score a model's outputs against the answers; all of them, or none.

    Of equal scores the first choice counts.

    Raises:
        Invalid: ``metric_unknown``; ``answers_…`` when the benchmark is at fault;
            ``outputs_missing``, ``outputs_extra``, ``outputs_twice``,
            ``outputs_not_finite``, ``outputs_width`` or ``outputs_kind`` when the
            outputs are; ``metrics_missing`` where its library is not installed.
    """
    measure = find_metric(metric)
    paired = _pair(measure, outputs, answers)
    everything = measure.judge([output for output, _ in paired], answers)
    pairs = zip(answers, everything, strict=True)
    counted = [(answer, one) for answer, one in pairs if one is not None]
    answers, judged = [a for a, _ in counted], [one for _, one in counted]
    found = measure.estimate(answers, judged)
    values = tuple(measure.worths(answers, judged))
    slices = _slices(measure, answers, judged)
    return Score(found.value, found.low, found.high, len(answers), values, slices)


def _slices(
    measure: Metric, answers: Sequence[Answer], judged: Sequence[Any]
) -> tuple[SliceScore, ...]:
    parts: dict[tuple[str, str], list[int]] = {}
    for place, answer in enumerate(answers):
        for column, name in answer.slices.items():
            parts.setdefault((column, name), []).append(place)
    found = []
    for (column, name), places in sorted(parts.items()):
        one = measure.estimate(
            [answers[p] for p in places], [judged[p] for p in places]
        )
        found.append(
            SliceScore(column, name, len(places), one.value, one.low, one.high)
        )
    return tuple(found)


def _pair(
    measure: Metric, outputs: Sequence[Output], answers: Sequence[Answer]
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
        if measure.reads_text:
            _check_text(output, answer)
        else:
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


def _check_text(output: Output, answer: Answer) -> None:
    if output.text is None or output.scores:
        raise Invalid(
            "outputs_kind",
            "The output is no text, as the metric needs.",
            where=output.id,
        )
    if not answer.targets:
        raise Invalid(
            "answers_malformed", "No text is named that counts.", where=answer.id
        )


def _check_output(output: Output, answer: Answer) -> None:
    if output.text is not None:
        raise Invalid(
            "outputs_kind", "The output is a text where scores belong.", where=output.id
        )
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
