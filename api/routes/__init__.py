"""Routes: each parses, calls one verb or question, and shapes the answer."""
