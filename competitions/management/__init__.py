"""Commands about competitions."""
