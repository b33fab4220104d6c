"""Doors for clients that exist: thin adapters over the same verbs as the API."""
