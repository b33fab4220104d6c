"""Documents that carry a model's terms to whoever meets it: weights, cards, BOMs.

A stranger who has one file and no network can read what the terms are, from whom they
come and whom to pay. Cards and BOMs need the extra ``documents``; weights do not.
"""

from assay.documents.carried import Carried, CarriedParent
from assay.documents.record import FileRecord, ModelRecord, ParentRecord

__all__ = ["Carried", "CarriedParent", "FileRecord", "ModelRecord", "ParentRecord"]
