"""Runs submitted weights: the engine computes, the jail contains. No Django here."""
