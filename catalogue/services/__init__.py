"""Verbs of the catalogue: freeze, publish, and state where a model comes from."""

from catalogue.services.committing import (
    AddFile,
    Change,
    CopyFile,
    DeleteFile,
    DeleteFolder,
    commit,
    create_repository,
)
from catalogue.services.creating import (
    ModelDraft,
    create_model,
    publish,
    register_base_model,
)
from catalogue.services.deriving import Derivation, LineageRefused
from catalogue.services.listing import Scored
from catalogue.services.stating import register_external_model
from catalogue.services.wording import canonical_terms

__all__ = [
    "AddFile",
    "Change",
    "CopyFile",
    "DeleteFile",
    "DeleteFolder",
    "Derivation",
    "LineageRefused",
    "ModelDraft",
    "Scored",
    "canonical_terms",
    "commit",
    "create_model",
    "create_repository",
    "publish",
    "register_base_model",
    "register_external_model",
]
