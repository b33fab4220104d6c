"""The verbs of a competition's life, one module an act."""
