"""The real servers that tests run against, started from wheels.

Each lives in a private folder, listens on a Unix socket there and nowhere else,
and is gone with the ``with`` block that started it.
"""
