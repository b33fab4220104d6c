"""Measurements beside other ways to do the same, all in one run on one machine."""
