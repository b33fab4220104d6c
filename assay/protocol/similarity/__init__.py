"""Whose child a model is, by its weights: sketches of tensors, compared.

The one part of the protocol that needs numpy (``pip install 'assay[server]'``); nothing
else of it imports this package, and nothing here runs what it reads.
"""

from assay.protocol.similarity.comparing import Evidence, TensorMatch, compare
from assay.protocol.similarity.keys import has_family, index_keys
from assay.protocol.similarity.packing import pack, unpack
from assay.protocol.similarity.sketching import Sketch, TensorSketch, sketch_files

__all__ = [
    "Evidence",
    "Sketch",
    "TensorMatch",
    "TensorSketch",
    "compare",
    "has_family",
    "index_keys",
    "pack",
    "sketch_files",
    "unpack",
]
