"""Builders of the world that tests act in: small, real, and through the verbs."""
