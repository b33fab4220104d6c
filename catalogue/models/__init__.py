"""What one can find and cite, and where it comes from."""

from catalogue.models.lineage import ExternalModel, ExternalParent, Parent
from catalogue.models.listing import Listing
from catalogue.models.model import Contributor, Model, ModelFile
from catalogue.models.repository import Commit, CommitFile, Repository
from catalogue.models.weights import Resemblance, SketchKey, WeightSketch

__all__ = [
    "Commit",
    "CommitFile",
    "Contributor",
    "ExternalModel",
    "ExternalParent",
    "Listing",
    "Model",
    "ModelFile",
    "Parent",
    "Repository",
    "Resemblance",
    "SketchKey",
    "WeightSketch",
]
