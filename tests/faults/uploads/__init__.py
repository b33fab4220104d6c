"""Uploads that go wrong in every way we know, against a real server."""
