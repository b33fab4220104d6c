"""Simulations of ``assay.protocol.statistics``: ``make bench-statistics``."""
