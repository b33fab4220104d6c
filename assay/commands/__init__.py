"""The ``assay`` command line: noun, verb, and nothing loaded before it is needed."""

from assay.commands.entry import main

__all__ = ["main"]
