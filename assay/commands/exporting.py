"""Documents that carry a model's terms, written beside its files."""

from pathlib import Path

import click

from assay.client.uploads import file_digest
from assay.commands.output import show_list
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.documents import ModelRecord
from assay.documents.weights import metadata_of, write_weights
from assay.protocol.errors import Conflict, Invalid


@click.command(cls=Command)
@click.argument("reference")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--weights",
    "weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A .safetensors of the model, to copy with the terms in its header.",
)
@click.pass_obj
def export(
    session: Session, reference: str, folder: Path, weights: Path | None
) -> None:
    """Write documents with a model's terms.

    FOLDER gets README.md, a model card for the Hugging Face Hub, and bom.cdx.json, a
    CycloneDX bill of materials; with --weights also a copy of these weights that
    says terms, parents and the model in its header, its tensors unchanged.
    """
    with session.client() as client:
        record = client.models.record(reference)
        documents = {
            "README.md": client.models.card(reference),
            "bom.cdx.json": client.models.bom(reference),
        }
    targets = [folder / name for name in documents]
    if weights is not None:
        _check_theirs(record, weights)
        targets.append(folder / weights.name)
    _check_free(targets)
    folder.mkdir(parents=True, exist_ok=True)
    if weights is not None:  # first, since it is what can fail
        write_weights(weights, folder / weights.name, metadata_of(record))
    for name, content in documents.items():
        (folder / name).write_text(content, encoding="utf-8")
    rows = [{"document": target.name, "path": str(target)} for target in targets]
    show_list(session, rows, columns=["document", "path"], identity="path")


def _check_theirs(record: ModelRecord, weights: Path) -> None:
    """Terms go into the weights that they were granted for, and no others.

    Raises:
        Invalid: ``weights_not_of_model``.
    """
    if weights.suffix == ".safetensors" and file_digest(weights) in {
        file.sha256 for file in record.files
    }:
        return
    raise Invalid(
        "weights_not_of_model",
        f"{weights} is no .safetensors file of {record.reference}.",
        fix=f"Fetch them with: assay model download {record.reference} FOLDER",
        where=str(weights),
    )


def _check_free(targets: list[Path]) -> None:
    for target in targets:
        if target.exists():
            raise Conflict(
                "file_exists",
                f"{target} exists already.",
                fix="Give another folder.",
                where=str(target),
            )
