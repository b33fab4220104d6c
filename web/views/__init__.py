"""Pages: ask a selector or call a verb, then render."""
