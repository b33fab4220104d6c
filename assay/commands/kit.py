"""Everything a miner starts from, in one folder."""

import json
from pathlib import Path

import click

from assay import kits
from assay.client.records import Competition
from assay.commands.data import BASE, fetch_all, fetch_base
from assay.commands.output import show_list
from assay.commands.session import Session
from assay.commands.shape import Command

STEPS = """\
pip install 'assay[evaluator]'
assay auth login
assay competition rules accept {slug}
assay init {slug}
cd {slug}
python train.py --out my-model
assay evaluate my-model -c {slug} --data . --against baseline
assay submit my-model -c {slug} --name my-{slug} --terms terms.toml --wait"""


@click.command(cls=Command)
@click.argument("slug")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), required=False
)
@click.option("--no-base", is_flag=True, help="Leave out the base model.")
@click.pass_obj
def init(session: Session, slug: str, folder: Path | None, *, no_base: bool) -> None:
    """Make a starter kit in a folder.

    FOLDER, which is ./SLUG when not given, gets the public data, the base model, a
    baseline's train.py, terms, and START.md with every step to a ranked submission.
    What the sponsor attached or you have changed stays as it is.
    """
    target = folder or Path(slug)
    with session.client() as client:
        competition = client.competitions.show(slug)
        rows = fetch_all(
            session,
            slug,
            client.competitions.files(slug),
            lambda more: client.competitions.download(slug, target, on_progress=more),
        )
        if not no_base:
            rows += fetch_base(session, client, slug, target / BASE)
    for path in _kit(competition, target):
        rows.append({"path": str(path), "size": path.stat().st_size, "sha256": ""})
    session.say(f"Next: read {target / 'START.md'}.")
    if not kits.files_of(competition.task_type):
        session.say(f"There is no training script for {competition.task_type} yet.")
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")


def _kit(competition: Competition, target: Path) -> list[Path]:
    """Write what is not there yet; returns it."""
    task = {
        "competition": competition.slug,
        "task_type": competition.task_type,
        "metric": competition.metric,
        "options": competition.task_options,
    }
    commands = STEPS.format(slug=competition.slug)
    start = kits.README.format(title=competition.title, commands=commands)
    made = {
        **kits.files_of(competition.task_type),
        "task.json": json.dumps(task, indent=2, ensure_ascii=False).encode() + b"\n",
        "terms.toml": kits.TERMS.format(asset=competition.asset).encode(),
        "START.md": start.encode(),
    }
    missing = {
        name: text for name, text in made.items() if not (target / name).exists()
    }
    for name, content in missing.items():
        (target / name).write_bytes(content)
    return [target / name for name in missing]
