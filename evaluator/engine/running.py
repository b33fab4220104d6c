"""One job from its files to its outputs, in the order of the inputs, on one thread."""

import os
from collections.abc import Callable, Iterator, Sequence
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

WINDOW = 256  # examples that a task type is given at once


def run_job(
    job: Job, out_path: Path, on_progress: Callable[[int, int], object]
) -> None:
    """See ``evaluator.engine.run``."""
    fix_arithmetic()
    task = task_type(job.task_type)
    examples = read_rows(Path(job.inputs), task.parse)
    unique_ids(example.id for example in examples)
    with torch.inference_mode():
        setting = Setting(
            load_model(job), load_tokenizer(Path(job.tokenizer_dir)), job.options
        )
        _check_vocabulary(setting)
        _score_all(task.scorer(setting), examples, out_path, on_progress)


def fix_arithmetic() -> None:
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
        for done, said in enumerate(_outputs(scorer, examples), start=1):
            write_output(out, examples[done - 1].id, said)
            on_progress(done, len(examples))


def _outputs(
    scorer: Scorer[Any], examples: Sequence[Example]
) -> Iterator[list[float] | str]:
    """What the model says of every example, in order.

    A task type is given a window at a time, so that what it prepares for a model
    stays as small for a million examples as for a thousand.
    """
    for first in range(0, len(examples), WINDOW):
        window = examples[first : first + WINDOW]
        done = 0
        try:
            for said in scorer(window):
                yield said
                done += 1
        except Refusal:
            raise
        except Exception as error:  # whatever these weights make torch raise
            raise ModelFault(
                "model_run_failed",
                f"The model fails on example {window[done].id}: {brief(error)}.",
                where=window[done].id,
            ) from error
