"""How fast things are beside limits and peers; what rules promise, at full size."""
