"""The engine on a file of questions, or float64 on the same: one line of JSON.

``python -m benchmarks.evaluator.ours float32|float64 MODEL QUESTIONS``
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from transformers import LlamaForCausalLM

from evaluator.engine import running
from evaluator.engine.likelihood import Likelihoods, ModuleLikelihoods
from evaluator.engine.loading import load_model
from evaluator.engine.packed_likelihood import PackedLikelihoods
from evaluator.engine.packing import PackedLinear
from evaluator.engine.setting import Setting
from evaluator.engine.task_types import task_type
from evaluator.engine.tokenizer import load_tokenizer
from evaluator.job import Job

_LIMIT_SHAPE = (1024, 576, 1536)  # rows, in, out: the model's commonest product
_LIMIT_ROUNDS = 40


class Float64Setting(Setting):
    """A setting whose model answers one question a pass in float64."""

    @property
    def likelihoods(self) -> Likelihoods:
        """Transformers' own modules."""
        return ModuleLikelihoods(self.model)


def main() -> None:
    """Score every question once and say what it took."""
    kind, folder, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    running.fix_arithmetic()
    with torch.inference_mode():
        setting = _setting(kind, folder, path)
        limits = [_limit()]
        before = time.process_time()
        scores = list(_scores(setting, path))
        seconds = time.process_time() - before
        limits.append(_limit())
    found = {
        "cpu_seconds": seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "scores": scores,
        "limit": sum(limits) / len(limits),
        **_work(setting),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _setting(kind: str, folder: Path, path: Path) -> Setting:
    tokenizer = load_tokenizer(folder)
    if kind == "float32":
        job = Job("multiple_choice", {}, folder, None, path, folder)
        return Setting(load_model(job), tokenizer, {})
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float64)
    return Float64Setting(model.eval(), tokenizer, {})


def _scores(setting: Setting, path: Path) -> Iterator[list[float] | str]:
    """As a run does: parsed, tokenised and answered a window at a time."""
    task = task_type("multiple_choice")
    lines = path.read_text("utf-8").splitlines()
    scorer = task.scorer(setting)
    for first in range(0, len(lines), running.WINDOW):
        window = lines[first : first + running.WINDOW]
        yield from scorer([task.parse(json.loads(line)) for line in window])


def _limit() -> float:
    """Products a second (FLOP) of a packed linear layer alone, just now."""
    rows, inner, outer = _LIMIT_SHAPE
    layer = PackedLinear(torch.nn.Linear(inner, outer))
    states = torch.randn(rows, inner)
    layer(states)
    before = time.process_time()
    for _ in range(_LIMIT_ROUNDS):
        layer(states)
    spent = time.process_time() - before
    return _LIMIT_ROUNDS * 2 * rows * inner * outer / spent


def _work(setting: Setting) -> dict[str, int]:
    """Tokens run, and FLOP: tokens through the layers, scored ones through the head."""
    likelihoods = setting.likelihoods
    if not isinstance(likelihoods, PackedLikelihoods):
        return {}
    config = setting.model.config
    head = config.vocab_size * config.hidden_size
    layers = sum(
        module.packed.numel()
        for module in setting.model.modules()
        if isinstance(module, PackedLinear)
    )
    flop = 2 * (layers - head) * likelihoods.tokens + 2 * head * likelihoods.scored
    return {"tokens": likelihoods.tokens, "flop": flop}


if __name__ == "__main__":
    main()
