"""The verbs of the sales desk."""

from royalties.services.licensing import PERIODS, accept, quote

__all__ = ["PERIODS", "accept", "quote"]
