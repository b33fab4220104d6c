"""Failures that are the model's own: they count, and are never retried."""

from assay.protocol.errors import Invalid


class ModelFault(Invalid):
    """The uploaded weights or their configuration cannot be run or give no number."""
