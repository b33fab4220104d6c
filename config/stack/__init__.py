"""The supervisor of a whole stack on one machine: ``python -m config.stack``."""

from config.stack.stack import Stack

__all__ = ["Stack"]
