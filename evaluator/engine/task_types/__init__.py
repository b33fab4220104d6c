"""What the engine can do with inputs: one module per task type, one table.

To add a task type, write a module with ``parse`` and ``scorer`` like the ones here,
add its line to ``TASK_TYPES`` and name it in ``loading.ARCHITECTURES`` beside the
models that can do it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from assay.protocol.errors import Invalid
from evaluator.engine.setting import ExampleT, Scorer, Setting
from evaluator.engine.task_types import (
    embeddings,
    generation,
    language_modelling,
    multiple_choice,
    preference,
    text_classification,
)


@dataclass(frozen=True)
class TaskType(Generic[ExampleT]):
    """``parse`` reads one input row; ``scorer`` fits the model to the options once
    and returns the function that runs one example alone."""

    parse: Callable[[Mapping[str, Any]], ExampleT]
    scorer: Callable[[Setting], Scorer[ExampleT]]


TASK_TYPES: Mapping[str, TaskType[Any]] = {
    "generation": TaskType(generation.parse, generation.scorer),
    "language_modelling": TaskType(language_modelling.parse, language_modelling.scorer),
    "multiple_choice": TaskType(multiple_choice.parse, multiple_choice.scorer),
    "preference": TaskType(preference.parse, preference.scorer),
    "retrieval": TaskType(embeddings.parse_passage, embeddings.vectors),
    "similarity": TaskType(embeddings.parse_pair, embeddings.likeness),
    "text_classification": TaskType(
        text_classification.parse, text_classification.scorer
    ),
}


def task_type(name: str) -> TaskType[Any]:
    """The task type of that name.

    Raises:
        Invalid: ``task_type_unknown``.
    """
    try:
        return TASK_TYPES[name]
    except KeyError:
        known = ", ".join(TASK_TYPES)
        raise Invalid(
            "task_type_unknown",
            f"This engine has no task type {name}.",
            fix=f"It knows {known}.",
            where="task_type",
        ) from None
