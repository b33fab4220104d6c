"""The benchmark's verdicts follow from its figures."""

from benchmarks.ledger.targets import judged, table
from benchmarks.timing import summary, timed


def _timing(per_second, p50_ms=1.0):
    return {"per_second": per_second, "p50_ms": p50_ms, "p99_ms": p50_ms}


def _figures(ours):
    return {
        "postgresql-disk": {
            "batch": {
                "ours": _timing(ours),
                "raw": _timing(1000),
                "hordak": _timing(75),
            },
            "wide": {"ours": _timing(2, p50_ms=1_000_000 / ours)},
        },
        "sqlite-disk": {"batch": {"ours": _timing(ours), "raw": _timing(1000)}},
    }


def test_every_target_of_what_was_measured_is_judged():
    verdicts = judged(_figures(1100))

    assert len(verdicts) == 4
    assert all(verdict.holds for verdict in verdicts)
    assert "1.10 x raw" in verdicts[0].sentence


def test_a_target_that_is_missed_says_so():
    missed = [one.sentence for one in judged(_figures(590)) if not one.holds]

    assert missed == [
        "postgresql-disk: batch 0.59 x raw, at least 0.6 x",
        "sqlite-disk: batch 0.59 x raw, at least 0.6 x",
        "postgresql-disk: batch 7.87 x hordak, at least 8 x",
        "postgresql-disk: 10,000 payees in 1,695 ms, under 1,000",
    ]


def test_the_table_has_a_line_for_each_figure():
    lines = table(_figures(1100)).splitlines()

    assert len(lines) == 1 + 3 + 1 + 2
    assert "1.10 x" in lines[2]


def test_a_rate_is_work_over_time():
    assert summary([0.5, 1.5], units=10).per_second == 10
    assert summary([1.0, 1.0, 1.0, 1.0], wall=2.0).per_second == 2
    assert summary([0.001, 0.001, 0.009]).p99_ms == 9
    assert timed(lambda: None, seconds=0.01).per_second > 0
