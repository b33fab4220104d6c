"""The engine: weights and inputs in, one list of log-probabilities per example out.

It never sees an answer, so it cannot score; scoring is ``assay.protocol.scoring``.
Importing this package does not import torch: only ``run`` does.
"""

from collections.abc import Callable
from pathlib import Path

from evaluator.engine.faults import ModelFault
from evaluator.engine.version import ENGINE_VERSION
from evaluator.job import Job

__all__ = ["ENGINE_VERSION", "ModelFault", "run"]


def run(
    job: Job, out_path: Path, on_progress: Callable[[int, int], object] | None = None
) -> None:
    """Write one row of log-probabilities per input to ``out_path``, in input order.

    Args:
        job: what to run; see ``evaluator.job.Job``.
        out_path: JSON lines ``{"id": str, "scores": [float.hex, …]}``.
        on_progress: called as (done, total) after each example.

    Raises:
        ModelFault: the weights or their configuration cannot be run.
        Invalid: the task's inputs, options or tokenizer cannot be read.
    """
    # torch takes seconds to import and the host's side only asks for the version
    from evaluator.engine.running import run_job  # noqa: PLC0415

    run_job(job, out_path, on_progress or (lambda _done, _total: None))
