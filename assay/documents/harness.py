"""Tasks as lm-evaluation-harness describes them, read as competitions need them.

The common fields of its YAML: ``dataset_path`` (a local file, or ``json``, ``csv`` or
``parquet`` with ``dataset_kwargs.data_files``), templates for text, choices and
target, few-shot examples (always the first ones), generation's stops and lengths.
Python code (``!function``) is never run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.documents.tables import read_table
from assay.protocol.errors import Invalid
from assay.protocol.extras import load_extra
from assay.protocol.templates import fill

MAX_BYTES = 1 << 20
TASK_TYPES = {
    "generate_until": "generation",
    "loglikelihood_rolling": "language_modelling",
    "multiple_choice": "multiple_choice",
}
METRICS = {
    "acc": "accuracy",
    "acc_norm": "accuracy_normalised",
    "bits_per_byte": "compression",
    "bleu": "bleu",
    "exact_match": "exact_match",
}
READ = {
    *("task", "dataset_path", "dataset_kwargs", "test_split", "validation_split"),
    *("training_split", "fewshot_split", "output_type", "doc_to_text", "doc_to_choice"),
    *("doc_to_target", "metric_list", "num_fewshot", "generation_kwargs"),
    *("target_delimiter", "fewshot_delimiter", "description"),
}
UNUSED = {"tag", "group", "metadata", "task_alias", "dataset_name"}
_GENERATION = {"until", "max_gen_toks", "do_sample", "temperature"}


@dataclass(frozen=True)
class HarnessTask:
    """A task as its YAML says it, for one competition.

    ``rows`` are labelled rows of the task type, in the order of the dataset.
    """

    task_type: str
    metric: str
    options: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def read_harness_task(path: Path) -> HarnessTask:
    """Read a task's YAML and the data that it names.

    Raises:
        Invalid: ``harness_unreadable``, ``harness_fields`` with every field that is
            not understood, or what templates and tables refuse.
        Unavailable: ``documents_missing`` without YAML's reader.
    """
    task = _read_yaml(path)
    _check_fields(task)
    kind = TASK_TYPES[task["output_type"]]
    docs = _docs(task, path, ("test_split", "validation_split"))
    shots = _shots(task, path, kind, docs)
    rows = [
        {"id": f"{task.get('task', path.stem)}-{n}", **_row(task, kind, doc, shots)}
        for n, doc in enumerate(docs)
    ]
    return HarnessTask(kind, _metric(task), _options(task, kind), rows)


def _read_yaml(path: Path) -> Mapping[str, Any]:
    yaml = load_extra("yaml")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too long")
        task = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise Invalid(
            "harness_unreadable",
            f"{path} cannot be read: {reason}.",
            fix="Python code (!function) is not run: write templates in its place.",
            where=str(path),
        ) from error
    if not isinstance(task, Mapping):
        raise Invalid("harness_unreadable", f"{path} holds no task.", where=str(path))
    return task


def _check_fields(task: Mapping[str, Any]) -> None:
    """Name all that would be left out at once, for a task must not change quietly."""
    wrong = sorted(str(name) for name in task if name not in READ | UNUSED)
    if task.get("output_type") not in TASK_TYPES:
        wrong.append(f"output_type {task.get('output_type')!r}")
    if task.get("target_delimiter", " ") != " ":
        wrong.append("target_delimiter other than one space")
    kwargs = task.get("generation_kwargs") or {}
    wrong += [f"generation_kwargs.{name}" for name in kwargs if name not in _GENERATION]
    if kwargs.get("do_sample") or kwargs.get("temperature"):
        wrong.append("generation_kwargs that draw by chance")
    if wrong:
        raise Invalid(
            "harness_fields",
            f"This task says what is not understood here: {', '.join(wrong)}.",
            fix="Take these out, or make the rows yourself.",
        )


def _docs(
    task: Mapping[str, Any], path: Path, splits: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of the first of these splits that the task has."""
    named = str(task.get("dataset_path", ""))
    files = (task.get("dataset_kwargs") or {}).get("data_files")
    if named not in {"json", "csv", "parquet"}:
        files = named
    if isinstance(files, Mapping):
        names = [task[split] for split in splits if split in task]
        files = next((files[name] for name in names if name in files), None)
    if isinstance(files, list) and len(files) == 1:
        files = files[0]
    if not isinstance(files, str) or not files:
        raise Invalid(
            "harness_data",
            "The task names no local file for its data.",
            fix="Save the data beside it and name it by dataset_path.",
        )
    return read_table(path.parent / files)


def _shots(
    task: Mapping[str, Any], path: Path, kind: str, docs: list[dict[str, Any]]
) -> str:
    """What stands before every question: the description and the first examples."""
    text = str(task.get("description") or "")
    count = int(task.get("num_fewshot") or 0)
    if not count:
        return text
    apart = any(name in task for name in ("fewshot_split", "training_split"))
    if not apart:
        raise Invalid(
            "harness_data",
            "Examples for few-shot prompts need a split of their own.",
            fix="Name one as fewshot_split or training_split.",
        )
    found = _docs(task, path, ("fewshot_split", "training_split"))
    if found == docs:
        raise Invalid(
            "harness_data",
            "The few-shot examples are the questions themselves.",
            fix="Give the two splits different files.",
        )
    between = str(task.get("fewshot_delimiter", "\n\n"))
    return text + "".join(
        f"{_value(task, 'doc_to_text', doc)} {_target(task, kind, doc)}{between}"
        for doc in found[:count]
    )


def _row(
    task: Mapping[str, Any], kind: str, doc: Mapping[str, Any], shots: str
) -> dict[str, Any]:
    if kind == "language_modelling":
        return {"text": _value(task, "doc_to_target", doc)}
    prompt = shots + _value(task, "doc_to_text", doc)
    if kind == "generation":
        return {"prompt": prompt, "targets": [_target(task, kind, doc)]}
    choices = _choices(task, doc)
    answer = choices.index(_target(task, kind, doc))
    return {"context": prompt, "choices": choices, "answer": answer}


def _target(task: Mapping[str, Any], kind: str, doc: Mapping[str, Any]) -> str:
    said = task.get("doc_to_target")
    value = doc.get(said, said) if isinstance(said, str) else said
    if kind != "multiple_choice":
        return _value(task, "doc_to_target", doc)
    choices = _choices(task, doc)
    if isinstance(value, str) and value not in choices:
        value = fill(value, doc)
    if isinstance(value, str) and value in choices:
        return value
    number = str(value)
    if not number.isdecimal() or int(number) >= len(choices):
        raise Invalid("harness_target", f"{number[:60]!r} is none of the choices.")
    return choices[int(number)]


def _choices(task: Mapping[str, Any], doc: Mapping[str, Any]) -> list[str]:
    said = task.get("doc_to_choice")
    found = doc.get(said) if isinstance(said, str) else said
    if not isinstance(found, list):
        raise Invalid(
            "harness_choices",
            "doc_to_choice must be a list of templates, or a column with a list.",
        )
    templates = isinstance(said, list)
    return [fill(str(each), doc) if templates else str(each) for each in found]


def _value(task: Mapping[str, Any], field: str, doc: Mapping[str, Any]) -> str:
    """A column where the field names one, else the template filled in."""
    said = str(task.get(field, ""))
    return str(doc[said]) if said in doc else fill(said, doc)


def _metric(task: Mapping[str, Any]) -> str:
    names = [str(each.get("metric")) for each in task.get("metric_list") or ()]
    known = [METRICS[name] for name in names if name in METRICS]
    if not known:
        raise Invalid(
            "harness_metric",
            f"None of the metrics {', '.join(names) or '(none)'} is known here.",
            fix=f"Name one of {', '.join(METRICS)} in metric_list.",
        )
    return "accuracy_normalised" if "accuracy_normalised" in known else known[0]


def _options(task: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if kind != "generation":
        return {}
    kwargs = task.get("generation_kwargs") or {}
    until = kwargs.get("until", task.get("fewshot_delimiter", "\n\n"))
    return {
        "until": until if isinstance(until, list) else [until],
        "max_new_tokens": int(kwargs.get("max_gen_toks", 256)),
    }
