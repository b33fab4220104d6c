"""How fast things are beside their limits and peers, and what the rules promise, at full size."""
