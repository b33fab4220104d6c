"""Views of the Hub door."""
