"""The engine's speed, memory and nearness to float64 beside lm-evaluation-harness."""
