"""Example competitions: base models, data, starter kits and the demo story."""
