"""Build both base models once into a cache folder, offline.

    python -m examples.base_models.prepare CACHE

writes CACHE/minilm-l6-banking77 and CACHE/smollm2-135m-instruct, prints their
paths, and does nothing on a later run unless a package or a recipe changed.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import click

from assay.protocol.errors import Refusal
from examples.base_models import minilm, packaged, smollm2


@dataclass(frozen=True)
class Recipe:
    """A module with DISTRIBUTION, ``source`` and ``build``, and what it reads."""

    module: ModuleType
    reads: tuple[Path, ...] = ()

    def digest(self) -> str:
        """Changes when the package's version or anything of the recipe does."""
        name = str(self.module.DISTRIBUTION)
        total = hashlib.sha256(f"{name}=={version(name)}".encode())
        for path in (Path(str(self.module.__file__)), *self.reads):
            total.update(path.read_bytes())
        return total.hexdigest()


RECIPES: Mapping[str, Recipe] = {
    "minilm-l6-banking77": Recipe(minilm, (minilm.LABELS,)),
    "smollm2-135m-instruct": Recipe(smollm2),
}


def prepare(cache: Path, name: str) -> Path:
    """The folder of base model ``name`` under ``cache``, built if it is not there.

    Raises:
        Unavailable: the package that carries the weights is not installed.
    """
    recipe = RECIPES[name]
    packaged.packaged_file(recipe.module.DISTRIBUTION, "METADATA")
    folder, marker = cache / name, cache / f"{name}.digest"
    digest = recipe.digest()
    if folder.is_dir() and marker.is_file() and marker.read_text("utf-8") == digest:
        return folder
    _replace(folder, recipe.module.build)
    marker.write_text(digest, "utf-8")
    return folder


def _replace(folder: Path, build: Callable[[Path], None]) -> None:
    """Build beside ``folder``, then move into place: never half a model."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / "model"
        fresh.mkdir()
        build(fresh)
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
