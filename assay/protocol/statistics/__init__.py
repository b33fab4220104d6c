"""How sure a comparison is: intervals, paired tests, the crown, racing, the ladder.

Every method, its assumptions and its measured error rates: docs/algorithms/statistics.md.
"""
