"""One job from its files to its outputs, one example at a time on one thread."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Before torch and transformers are imported: they read these once.
os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)

import torch
from transformers.utils import logging as transformers_logging

from assay.protocol.errors import Refusal
from evaluator.engine.faults import ModelFault
from evaluator.engine.loading import brief, load_model
from evaluator.engine.rows import read_rows, unique_ids, write_output
from evaluator.engine.setting import Example, Scorer, Setting
from evaluator.engine.task_types import task_type
from evaluator.engine.tokenizer import load_tokenizer
from evaluator.job import Job


def run_job(
    job: Job, out_path: Path, on_progress: Callable[[int, int], object]
) -> None:
    """See ``evaluator.engine.run``."""
    _fix_arithmetic()
    task = task_type(job.task_type)
    examples = read_rows(Path(job.inputs), task.parse)
    unique_ids(example.id for example in examples)
    with torch.inference_mode():
        setting = Setting(
            load_model(job), load_tokenizer(Path(job.tokenizer_dir)), job.options
        )
        _check_vocabulary(setting)
        _score_all(task.scorer(setting), examples, out_path, on_progress)


def _fix_arithmetic() -> None:
    """Whatever the process was told before: one thread, plain float32, no shortcuts."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    torch.set_flush_denormal(False)


def _check_vocabulary(setting: Setting) -> None:
    knows = int(setting.model.config.vocab_size)
    needs = setting.tokenizer.get_vocab_size()
    if knows < needs:
        raise ModelFault(
            "vocabulary_too_small",
            f"The model knows {knows} tokens and the benchmark's tokenizer {needs}.",
            fix="Keep the base model's embedding table.",
            where="config.json",
        )


def _score_all(
    scorer: Scorer[Any],
    examples: Sequence[Example],
    out_path: Path,
    on_progress: Callable[[int, int], object],
) -> None:
    with out_path.open("w", encoding="utf-8") as out:
        for done, example in enumerate(examples, start=1):
            write_output(out, example.id, _score(scorer, example))
            on_progress(done, len(examples))


def _score(scorer: Scorer[Any], example: Example) -> list[float] | str:
    try:
        said: list[float] | str = scorer(example)
    except Refusal:
        raise
    except Exception as error:  # whatever these weights make torch raise
        raise ModelFault(
            "model_run_failed",
            f"The model fails on example {example.id}: {brief(error)}.",
            where=example.id,
        ) from error
    return said
