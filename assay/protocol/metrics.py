"""The metrics: what is read off one output, and how that becomes a value.

Each one, with a worked table: docs/algorithms/scoring.md.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from assay.protocol.correlations import matthews, ranks, spearman
from assay.protocol.errors import Invalid
from assay.protocol.intervals import Estimate, macro_f1
from assay.protocol.nearness import ndcg, rankings, recall
from assay.protocol.outputs import Answer, Output
from assay.protocol.resampling import jackknife
from assay.protocol.statistics.distributions import student_quantile
from assay.protocol.statistics.means import (
    CONFIDENCE,
    clustered_error,
    mean,
    standard_error,
)
from assay.protocol.texts import (
    Likeness,
    corpus_bleu,
    exact_match,
    numeric_match,
    rouge_l,
    token_f1,
)

_WORST = 1e9  # nats; so that no sum of squares leaves the range of a float


@dataclass(frozen=True, slots=True)
class Metric:
    """How outputs and answers become a value in [0, 1], where more is better.

    Attributes:
        judge: what is read off each output: a chosen index, a number or a text; None
            for what is only there to be looked among.
        worths: each example's own part, 0 to 1, for paired comparisons.
        estimate: the value of all judgements, with its interval.
        reads_text: whether it judges a text, and not scores.
    """

    judge: Callable[[Sequence[Output], Sequence[Answer]], Sequence[Any]]
    worths: Callable[[Sequence[Answer], Sequence[Any]], Sequence[float]]
    estimate: Callable[[Sequence[Answer], Sequence[Any]], Estimate]
    reads_text: bool = False


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


def _clusters(answers: Sequence[Answer]) -> list[str]:
    return [a.cluster for a in answers] if any(a.cluster for a in answers) else []


def _within(value: float, low: float, high: float) -> Estimate:
    value = min(1.0, max(0.0, value))
    return Estimate(value, min(value, max(0.0, low)), max(value, min(1.0, high)))


def _mean(answers: Sequence[Answer], values: Sequence[float]) -> Estimate:
    found = mean(values, _clusters(answers))
    return _within(found.value, found.low, found.high)


def _highest(output: Output, _answer: Answer) -> int:
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


def _right(answer: Answer, chosen: int) -> float:
    return float(answer.label == chosen)


def _accuracy(answers: Sequence[Answer], chosen: Sequence[int]) -> Estimate:
    return _mean(answers, list(map(_right, answers, chosen)))


def _macro_f1(answers: Sequence[Answer], chosen: Sequence[int]) -> Estimate:
    labels, clusters = [answer.label for answer in answers], _clusters(answers)
    if not clusters:
        return macro_f1(labels, chosen)

    def value(places: Sequence[int]) -> float:
        return macro_f1([labels[p] for p in places], [chosen[p] for p in places]).value

    return jackknife(value, clusters, len(labels))


def _matthews(answers: Sequence[Answer], chosen: Sequence[int]) -> Estimate:
    labels = [answer.label for answer in answers]

    def value(places: Sequence[int]) -> float:
        return matthews([labels[p] for p in places], [chosen[p] for p in places])

    return jackknife(value, _clusters(answers), len(labels))


def _skill(output: Output, answer: Answer) -> float:
    """1 for certainty of the right class, 0 for as much as for every other."""
    classes = len(output.scores)
    nats = min(0.0, max(-_WORST, output.scores[answer.label]))
    return 1 + nats / math.log(classes) if classes > 1 else 0.0


def _bits(output: Output, answer: Answer) -> float:
    """Bits that the text takes."""
    if len(answer.lengths) != 1:
        raise Invalid("answers_lengths", "A text needs its bytes.", where=answer.id)
    return min(_WORST, max(0.0, -output.scores[0])) / math.log(2)


def _compression(answers: Sequence[Answer], bits: Sequence[float]) -> Estimate:
    sizes = [answer.lengths[0] for answer in answers]
    rate = math.fsum(bits) / sum(sizes)
    value = 1 - rate / 8
    clusters = _clusters(answers)
    units = len(set(clusters)) if clusters else len(sizes)
    if units < 2:
        return _within(value, 0, 1)
    # to first order a ratio moves by its residuals over the mean size
    scale = 8 * sum(sizes) / len(sizes)
    rest = [(b - rate * s) / scale for b, s in zip(bits, sizes, strict=True)]
    error = clustered_error(rest, clusters) if clusters else standard_error(rest)
    half = student_quantile(CONFIDENCE, units - 1) * error
    return _within(value, value - half, value + half)


def _bleu(answers: Sequence[Answer], texts: Sequence[str]) -> Estimate:
    def value(places: Sequence[int]) -> float:
        targets = [answers[p].targets for p in places]
        return corpus_bleu([texts[p] for p in places], targets)

    return jackknife(value, _clusters(answers), len(texts))


def _between(value: float) -> float:
    return min(1.0, max(0.0, value))


def _likeness(measure: Likeness) -> Metric:
    def judge(output: Output, answer: Answer) -> float:
        return measure(output.text or "", answer.targets)

    return _metric(judge, lambda _answer, value: value, _mean, reads_text=True)


def _text(output: Output, _answer: Answer) -> str:
    return output.text or ""


def _metric(
    judge: Callable[[Output, Answer], Any],
    worth: Callable[[Answer, Any], float],
    estimate: Callable[[Sequence[Answer], Sequence[Any]], Estimate],
    *,
    reads_text: bool = False,
) -> Metric:
    """One that judges each example by itself."""
    return Metric(
        lambda outputs, answers: list(map(judge, outputs, answers)),
        lambda answers, judged: list(map(worth, answers, judged)),
        estimate,
        reads_text,
    )


def _ranking(measure: Callable[[Sequence[str], Sequence[str]], float]) -> Metric:
    def judge(
        outputs: Sequence[Output], answers: Sequence[Answer]
    ) -> list[float | None]:
        found = zip(rankings(outputs, answers), answers, strict=True)
        return [
            None if ranked is None else measure(ranked, answer.targets)
            for ranked, answer in found
        ]

    return Metric(judge, lambda _answers, values: values, _mean)


def _spearman(answers: Sequence[Answer], said: Sequence[float]) -> Estimate:
    gold = [answer.gold for answer in answers]

    def value(places: Sequence[int]) -> float:
        return spearman([said[p] for p in places], [gold[p] for p in places])

    return jackknife(value, _clusters(answers), len(said))


def _rank_distances(answers: Sequence[Answer], said: Sequence[float]) -> list[float]:
    """1 for an example at its place among all, 0 for one at the other end."""
    wanted = ranks([answer.gold for answer in answers])
    most = max(1, len(said) - 1)
    return [1 - abs(a - b) / most for a, b in zip(ranks(said), wanted, strict=True)]


def _first_scores(outputs: Sequence[Output], _answers: Sequence[Answer]) -> list[float]:
    return [output.scores[0] for output in outputs]


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": _metric(_highest, _right, _accuracy),
        "accuracy_normalised": _metric(_highest_per_byte, _right, _accuracy),
        "macro_f1": _metric(_highest, _right, _macro_f1),
        "matthews": _metric(_highest, _right, _matthews),
        "log_loss_skill": _metric(_skill, lambda _, v: _between(v), _mean),
        "compression": _metric(
            _bits, lambda a, bits: _between(1 - bits / a.lengths[0] / 8), _compression
        ),
        "ndcg_10": _ranking(ndcg),
        "recall_10": _ranking(recall),
        "spearman": Metric(_first_scores, _rank_distances, _spearman),
        "exact_match": _likeness(exact_match),
        "numeric_match": _likeness(numeric_match),
        "token_f1": _likeness(token_f1),
        "rouge_l": _likeness(rouge_l),
        "bleu": _metric(
            _text, lambda a, text: token_f1(text, a.targets), _bleu, reads_text=True
        ),
    }
)
