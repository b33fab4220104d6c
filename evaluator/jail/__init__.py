"""Contains a run of submitted weights, for the day the checks before it fail."""

from evaluator.jail.run import run_in_jail

__all__ = ["run_in_jail"]
