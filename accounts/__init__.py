"""People, their tokens and what they may do."""
