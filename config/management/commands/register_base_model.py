"""Register a model that competitions may build on."""

import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from assay.protocol.admission import AdmissionRules, Kind, inspect_files
from assay.protocol.errors import Refusal
from catalogue.models import Model
from catalogue.services import ModelDraft, register_base_model
from common.clock import now
from storage.blobs import StoredFile
from storage.models import Blob
from storage.services import store_file


class Command(BaseCommand):
    """Reads a folder of weights and a description in TOML.

    The description has ``name``, ``owner`` (a handle, made when new),
    ``architecture``, ``card`` and a table ``terms`` of UDL tags.
    """

    help = "Store a folder of weights and publish it as a base model."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, and the description."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("description", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Register it, unless it is registered."""
        about = tomllib.loads(options["description"].read_text(encoding="utf-8"))
        owner = _owner(about["owner"])
        known = Model.objects.filter(owner=owner, name=about["name"], is_base=True)
        if known.exists():
            self.stdout.write(f"{about['owner']}/{about['name']} is registered.")
            return
        try:
            model = _register(owner, about, _store(owner, options["folder"]))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Registered {model.reference}, {model.size:,} bytes.")


def _owner(handle: str) -> User:
    owner, created = User.objects.get_or_create(username=handle)
    if created:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    return owner


def _store(owner: User, folder: Path) -> dict[str, Blob]:
    blobs = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            with path.open("rb") as file:
                blobs[path.name] = store_file(owner=owner, file=file)
    if not blobs:
        msg = f"{folder} holds no files; prepare the base model first."
        raise CommandError(msg)
    return blobs


def _register(owner: User, about: dict[str, Any], blobs: dict[str, Blob]) -> Model:
    # The tokenizer's files are the operator's own: miners' are never taken.
    stored = {
        path: StoredFile(blob.sha256, blob.size)
        for path, blob in blobs.items()
        if path == "config.json" or path.endswith(".safetensors")
    }
    rules = AdmissionRules(
        kinds=frozenset({Kind.FULL}),
        architectures=frozenset({about["architecture"]}),
        max_total_bytes=sum(blob.size for blob in blobs.values()),
    )
    findings = inspect_files(stored, rules)
    if findings:
        raise CommandError("\n".join(f"{f.path}: {f.sentence}" for f in findings))
    return register_base_model(
        owner=owner,
        draft=ModelDraft(
            name=about["name"],
            kind="full",
            files=blobs,
            terms=about["terms"],
            shares=[(owner, 1)],
            card=about["card"],
            architecture=about["architecture"],
        ),
        now=now(),
    )
