"""Contests in a line: boards, timelines and strategies for property tests."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from assay.protocol.money import MAX_UNITS
from assay.protocol.prizes import Contest, PublicScore
from assay.protocol.ranking import Entry, rank

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = "abcdefghijkl"


def submitted(key):
    """Entries a, b, c … were submitted in that order, a minute apart."""
    return NOON - HOUR + timedelta(minutes=KEYS.index(key))


def board(*scores):
    """Placings for entries a, b, c … submitted in that order."""
    return rank(
        Entry(key, score, submitted(key))
        for key, score in zip(KEYS, scores, strict=False)
    )


def shown(key, score, hours, *, low=None, high=None):
    """A public score, so many hours after the opening."""
    return PublicScore(
        key,
        score,
        score if low is None else low,
        score if high is None else high,
        submitted(key),
        NOON + hours * HOUR,
    )


def contest(purse, placings, *, margin=0.01, timeline=None, **changes):
    """Ten hours, baseline 0.5; the public board is like the private one by default."""
    if timeline is None:
        by_key = sorted(placings, key=lambda placing: placing.entry.key)
        timeline = [shown(p.entry.key, p.entry.score, i) for i, p in enumerate(by_key)]
    fields = {"opened_at": NOON, "closed_at": NOON + 10 * HOUR, "public_baseline": 0.5}
    return Contest(
        purse, 0.5, margin, placings, timeline=timeline, **{**fields, **changes}
    )


purses = st.integers(0, MAX_UNITS) | st.integers(0, 30)
scores = st.sampled_from([0.4, 0.5, 0.51, 0.6, 0.6 + 1e-12, 0.7]) | st.floats(0, 1)
score_lists = st.lists(scores, max_size=10)
margins = st.sampled_from([0.0, 0.01, 0.1])
decimals = st.sampled_from(["0", "0.01", "0.1", "0.005"])
falling = st.lists(st.integers(1, 9), min_size=1, max_size=6).map(
    lambda shares: {"shares": sorted(shares, reverse=True)}
)
caps = st.just({}) | st.integers(1, 100).map(lambda cap: {"cap_percent": cap})
evidence = st.fixed_dictionaries({"lead": decimals}) | st.fixed_dictionaries(
    {"lead": decimals, "standard_errors": st.sampled_from(["0", "1", "2"])}
)


def _milestones(given, kind, write):
    heights, weights = given
    rows = zip(sorted(heights), weights, strict=False)
    return {
        "milestones": [
            {"score": f"0.{height:02}", kind: write(weight)} for height, weight in rows
        ]
    }


heights = st.tuples(
    st.sets(st.integers(40, 99), min_size=1, max_size=5),
    st.lists(st.integers(1, 50), min_size=5, max_size=5),
)
milestones = heights.map(lambda g: _milestones(g, "parts", int)) | heights.map(
    lambda g: _milestones(g, "amount", str)
)
OPTIONS = {
    "winner_takes_all": st.just({}),
    "shares_by_rank": falling,
    "proportional_to_improvement": caps,
    "king_of_the_hill": evidence,
    "milestone": milestones,
}
BY_PRIVATE_SCORE = sorted({*OPTIONS} - {"king_of_the_hill", "milestone"})


def rules(names=None):
    """Names of rules with options that they can read."""
    return st.sampled_from(sorted(names or OPTIONS)).flatmap(
        lambda name: st.tuples(st.just(name), OPTIONS[name])
    )


@st.composite
def timelines(draw, most=10):
    """Public scores in order of recording, by a clock that may run backwards."""
    found = []
    for key in KEYS[: draw(st.integers(0, most))]:
        score, half = draw(scores), draw(st.sampled_from([0.0, 0.02, 0.1]))
        hours = draw(st.integers(-1, 11) | st.floats(0, 10))
        low, high = max(0.0, score - half), min(1.0, score + half)
        found.append(shown(key, score, hours, low=low, high=high))
    return found


@st.composite
def contests(draw):
    """Public and private scores that need not agree; some entries have no private."""
    timeline = draw(timelines())
    private = {one.key: draw(st.none() | scores) for one in timeline}
    placings = rank(
        Entry(key, score, submitted(key))
        for key, score in private.items()
        if score is not None
    )
    people = st.sampled_from(["ann", "bob", "cara"])
    owners = draw(st.fixed_dictionaries({one.key: people for one in timeline}))
    return contest(
        draw(purses),
        placings,
        margin=draw(margins),
        timeline=timeline,
        entrants=draw(st.just({}) | st.just(owners)),
        public_baseline=draw(st.sampled_from([None, 0.5])),
    )
