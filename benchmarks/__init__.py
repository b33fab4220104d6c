"""How fast things are, beside their limits and their peers."""
