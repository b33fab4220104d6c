"""Measurements of what the rules promise, at full size; tests run them small."""
