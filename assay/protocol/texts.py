"""How near a generated text comes to the texts that count as right: 0 to 1 each.

Definitions and worked tables: docs/algorithms/scoring.md.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from assay.protocol.extras import load_extra

# what lm-evaluation-harness extracts from an answer to a sum in words
_NUMBER = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact_match(text: str, targets: Sequence[str]) -> float:
    """1 where the text is one of the targets, but for space around it."""
    return float(text.strip() in {target.strip() for target in targets})


def numeric_match(text: str, targets: Sequence[str]) -> float:
    """1 where the last number in the text is the last number of a target."""
    found = last_number(text)
    return float(found is not None and found in map(last_number, targets))


def last_number(text: str) -> Decimal | None:
    """The last number, without separators and currency; None where there is none."""
    for match in reversed(list(_NUMBER.finditer(text))):
        plain = match.group().replace(",", "").replace("$", "").rstrip(".")
        try:
            return Decimal(plain)
        except InvalidOperation:
            continue
    return None


def token_f1(text: str, targets: Sequence[str]) -> float:
    """The best F1 over words, without case, punctuation and articles, as for SQuAD."""
    return max(_f1(_words(text), _words(target)) for target in targets)


def rouge_l(text: str, targets: Sequence[str]) -> float:
    """The best F-measure of the longest common subsequence, by ``rouge-score``."""
    scorer = _rouge()
    return max(
        float(scorer.score(target, text)["rougeL"].fmeasure) for target in targets
    )


@cache
def _rouge() -> Any:
    module = load_extra("rouge_score.rouge_scorer", extra="metrics")
    return module.RougeScorer(["rougeL"])


def corpus_bleu(texts: Sequence[str], targets: Sequence[Sequence[str]]) -> float:
    """BLEU of all texts together, 0 to 1, by ``sacrebleu`` with its own tokens."""
    module = load_extra("sacrebleu", extra="metrics")
    most = max(map(len, targets))
    streams = [
        [each[place] if place < len(each) else None for each in targets]
        for place in range(most)
    ]
    score = float(module.corpus_bleu(list(texts), streams).score) / 100
    return min(1.0, max(0.0, score))


def _words(text: str) -> list[str]:
    plain = text.lower().translate(_NO_PUNCTUATION)
    return _ARTICLES.sub(" ", plain).split()


def _f1(said: list[str], wanted: list[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    shared = sum((Counter(said) & Counter(wanted)).values())
    return 2 * shared / (len(said) + len(wanted))


Likeness = Callable[[str, Sequence[str]], float]
