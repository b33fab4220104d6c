"""The files with which a sponsor begins."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from assay.commands.specfile import NAME, SPLITS
from assay.documents.harness import read_harness_task
from assay.protocol.errors import Invalid


@dataclass(frozen=True, slots=True)
class Start:
    """A task type's first files: options and metric as TOML, and rows.

    Rows are examples that each split gets in its own words, or, where ``divided``,
    the benchmark itself, of which each split gets a part.
    """

    task_type: str
    options: str
    metric: str
    base_model: str
    rows: Sequence[Mapping[str, Any]]
    divided: bool = False


TASK_TYPES: Mapping[str, Start] = {
    "text_classification": Start(
        task_type="text_classification",
        options='labels = ["card", "loan", "refund"]',
        metric="accuracy",
        base_model="open-models/minilm-l6",
        rows=(
            {"text": "My new card has not arrived yet.", "label": "card"},
            {"text": "Can I pay my loan back early?", "label": "loan"},
            {"text": "I want my money back for this order.", "label": "refund"},
        ),
    ),
    "generation": Start(
        task_type="generation",
        options='max_new_tokens = 16\nuntil = ["\\n"]',
        metric="exact_match",
        base_model="open-models/smollm2-135m-instruct",
        rows=(
            {"prompt": "Q: What do bees make?\nA:", "targets": ["honey"]},
            {"prompt": "Q: What is frozen water?\nA:", "targets": ["ice"]},
        ),
    ),
    "language_modelling": Start(
        task_type="language_modelling",
        options="max_tokens = 512",
        metric="compression",
        base_model="open-models/smollm2-135m-instruct",
        rows=(
            {"text": "Bees make honey, and honey keeps."},
            {"text": "Water that is frozen is ice."},
        ),
    ),
    "preference": Start(
        task_type="preference",
        options="max_tokens = 512",
        metric="accuracy",
        base_model="open-models/smollm2-135m-instruct",
        rows=(
            {
                "prompt": "Question: Why is the sky blue?\nAnswer:",
                "chosen": "Air scatters blue light more than red.",
                "rejected": "Because it is.",
            },
            {
                "prompt": "Question: How do I boil an egg?\nAnswer:",
                "chosen": "Ten minutes in boiling water.",
                "rejected": "No idea.",
            },
        ),
    ),
    "retrieval": Start(
        task_type="retrieval",
        options='pooling = "mean"',
        metric="ndcg_10",
        base_model="open-models/minilm-l6",
        rows=(
            {"text": "Bees make honey."},
            {"text": "Frozen water is called ice."},
            {"text": "what do all the bees make", "relevant": ["{split}-1"]},
        ),
    ),
    "similarity": Start(
        task_type="similarity",
        options='pooling = "mean"',
        metric="spearman",
        base_model="open-models/minilm-l6",
        rows=(
            {"first": "A cat sat.", "second": "A cat was sitting.", "similarity": 4.5},
            {"first": "A cat sat.", "second": "Ice is cold.", "similarity": 0.5},
        ),
    ),
    "multiple_choice": Start(
        task_type="multiple_choice",
        options="",
        metric="accuracy_normalised",
        base_model="open-models/smollm2-135m-instruct",
        rows=(
            {
                "context": "Question: What do bees make?\nAnswer:",
                "choices": ["honey", "glass"],
                "answer": 0,
            },
            {
                "context": "Question: What is frozen water?\nAnswer:",
                "choices": ["steam", "ice"],
                "answer": 1,
            },
        ),
    ),
}

SPEC = """\
# A competition. Every field: docs/cli.md, "A competition's file".
slug = "{slug}"                       # its address; it cannot change later
title = "{title}"
summary = "One sentence that makes a miner look twice."
description = \"\"\"
What the task is, where the data is from, what a good model would be used for. Markdown.
\"\"\"

task_type = "{task_type}"
metric = "{metric}"
base_model = "{base_model}"

minimum_stake = "100"                 # whole tokens, exactly
prize_rule = "shares_by_rank"         # docs/prizes.md has them all
prize_options = {{ shares = [5, 3, 2] }}
margin = 0.01                         # over the baseline, to earn
required_uses = ["commercial"]        # uses that a winner's terms must allow
deadline = "+14d"                     # or 2030-05-01T12:00:00Z
challenge_hours = 72
daily_submissions = 5
max_seconds = 900                     # for one evaluation

[task_options]
{options}

[splits]                              # JSON lines, with answers
sample = "data/sample.jsonl"          # everybody sees it
public = "data/public.jsonl"          # hidden; the live board
private = "data/private.jsonl"        # hidden; the final board

[attachments]                         # path for miners = file or folder
"README.md" = "README.md"
"""
README = """\
# {title}

Miners get this file. Say what the task is, where the data is from and under which
licence, and what a good answer looks like.
"""


def write_draft(folder: Path, start: Start) -> list[Path]:
    """Write the first files of a competition; returns them.

    Raises:
        Invalid: ``draft_exists`` when the folder has a competition already.
    """
    if (folder / NAME).exists():
        raise Invalid(
            "draft_exists",
            f"{folder / NAME} is there already.",
            fix="Edit it, or choose another folder.",
            where=str(folder),
        )
    slug = _slug(folder.resolve().name)
    title = slug.replace("-", " ").capitalize()
    words = {"slug": slug, "title": title, "task_type": start.task_type}
    spec = SPEC.format(
        **words,
        metric=start.metric,
        base_model=start.base_model,
        options=start.options,
    )
    texts = {NAME: spec, "README.md": README.format(title=title)}
    rows = _divided if start.divided else _rows
    texts |= {f"data/{split}.jsonl": rows(start.rows, split) for split in SPLITS}
    return [_written(folder / name, text) for name, text in texts.items()]


def start_of(path: Path) -> Start:
    """What a task of lm-evaluation-harness begins with.

    Raises:
        Invalid: as ``read_harness_task``.
        Unavailable: a reader is not installed.
    """
    task = read_harness_task(path)
    return Start(
        task_type=task.task_type,
        options=tomlkit.dumps(dict(task.options)).strip(),
        metric=task.metric,
        base_model="open-models/smollm2-135m-instruct",
        rows=task.rows,
        divided=True,
    )


def _divided(rows: Sequence[Mapping[str, Any]], split: str) -> str:
    """The split's part of the rows, which depends on their order alone."""
    shares = {"sample": (0, 1), "public": (1, 4), "private": (4, 10)}
    low, high = shares[split]
    part = [row for place, row in enumerate(rows) if low <= place % 10 < high]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part)


def _slug(name: str) -> str:
    """A folder's name as a slug, as far as it can be one."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
    slug = "-".join(part for part in plain.split("-") if part)[:60].strip("-")
    return slug if len(slug) > 2 else "my-competition"


def _rows(rows: Sequence[Mapping[str, Any]], split: str) -> str:
    """The rows with ids of their split; hidden ones ask something else."""
    made = []
    for number, row in enumerate(rows, start=1):
        asked = {name: _reworded(value, split) for name, value in row.items()}
        made.append(json.dumps({"id": f"{split}-{number}", **asked}) + "\n")
    return "".join(made)


def _reworded(value: Any, split: str) -> Any:
    if isinstance(value, list):  # ids of rows, or texts
        return [
            each.replace("{split}", split) if isinstance(each, str) else each
            for each in value
        ]
    is_question = isinstance(value, str) and value.count(" ") > 1
    return f"({split}) {value}" if is_question else value


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
