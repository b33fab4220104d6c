"""SQLite as Django knows it, with a queue before its one write lock."""
