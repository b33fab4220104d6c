"""Pages for people. No rules of its own."""
