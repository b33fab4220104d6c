"""The double-entry book. Knows nothing of competitions."""
