"""Assay: the rules, the client and the command line, installable alone."""

__version__ = "0.1.0"
