"""A few of the faults of ``python -m tests.faults.uploads``, one of each kind."""

import pytest

from tests.faults.uploads.__main__ import harm
from tests.faults.uploads.kinds import KINDS

QUICK = 6


@pytest.mark.e2e
@pytest.mark.nightly  # on a busy machine some kills come too late
def test_uploads_end_well_whatever_happens_to_them_and_nothing_is_left():
    figures = harm(QUICK, seed=20)

    assert figures["findings"] == []
    assert len(figures["kinds"]) == QUICK
    assert figures["server_peak_bytes"] < 300 * 10**6


def test_all_kinds_of_faults_are_met_by_thirty():
    assert len(set(KINDS)) >= 15
    assert len(KINDS) <= 30
