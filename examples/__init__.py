"""Example competitions with their data, and the demo story."""
