"""The same questions for everybody, as files of JSON lines."""

import json
from pathlib import Path
from typing import Any

from examples import __file__ as examples_file

DATA = Path(__file__).parent / "data"
TEXTS = Path(examples_file).parent / "intent_routing" / "data" / "private.jsonl"
JOBS = ("piqa", "mix", "piqa five-shot")


def rows(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def questions(job: str, count: int) -> list[dict[str, Any]]:
    """``id``, ``context`` and ``choices`` of a job's first questions."""
    found = rows(DATA / ("mix.jsonl" if job == "mix" else "piqa.jsonl"))[:count]
    beginning = _shots() if job.endswith("five-shot") else ""
    return [
        {
            "id": row["id"],
            "context": beginning + row["context"],
            "choices": row["choices"],
        }
        for row in found
    ]


def _shots() -> str:
    return "".join(
        f"{row['context']} {row['choices'][row['answer']]}\n\n"
        for row in rows(DATA / "piqa_shots.jsonl")
    )
