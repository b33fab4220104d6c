"""Which program runs in the jail: the engine. Tests put their own in its place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """Names as ``module:attribute``, imported inside the jail before it is sealed.

    Args:
        run: called as ``run(job, out_path, on_progress)``.
        fault: the exception that says that the model is to blame.
        version: a string, reported with the outcome.
        preload: modules that are too large to load under the model's limits.
        adapters: more of them, when the job has a base model.
        code: folders of further packages.
    """

    run: str
    fault: str
    version: str
    preload: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    code: tuple[Path, ...] = ()


ENGINE = Program(
    run="evaluator.engine:run",
    fault="evaluator.engine:ModelFault",
    version="evaluator.engine:ENGINE_VERSION",
    preload=("torch", "transformers", "safetensors.torch"),
    adapters=("peft",),
)
