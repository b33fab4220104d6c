"""What one can find and cite, and where it comes from."""

from catalogue.models.lineage import ExternalModel, ExternalParent, Parent
from catalogue.models.model import Contributor, Model, ModelFile

__all__ = [
    "Contributor",
    "ExternalModel",
    "ExternalParent",
    "Model",
    "ModelFile",
    "Parent",
]
