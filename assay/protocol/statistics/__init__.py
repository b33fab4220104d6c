"""How sure a comparison is: intervals, paired tests, the crown, racing, the ladder.

Methods, assumptions, measured error rates: docs/algorithms/statistics.md.
"""
