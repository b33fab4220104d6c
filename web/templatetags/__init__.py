"""How amounts, times, scores, digests and sponsors' Markdown are shown."""
