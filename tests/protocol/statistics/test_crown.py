import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.statistics.crown import (
    BETS,
    Contestant,
    challenge,
    e_values,
    needed_leads,
    play,
    public_order,
    threshold,
    threshold_among,
)

signs = st.lists(st.integers(-1, 1), max_size=300)


def test_the_gambler_starts_with_one():
    assert sum(start for _, start in BETS) == 1


@given(st.floats(0, 0.5), st.floats(-1, 1), st.floats(-1, 1))
def test_the_capital_does_not_grow_on_average_against_an_equal(margin, low, high):
    # any two values whose mean is the margin: one step of the game is fair
    low, high = min(low, margin), max(high, margin)
    if high - low < 1e-6:
        return
    chance = (margin - low) / (high - low)
    up, down = (next(e_values([value], margin)) for value in (high, low))
    assert chance * up + (1 - chance) * down == pytest.approx(1)


@given(signs)
def test_the_capital_stays_above_zero_and_never_depends_on_the_order(values):
    found = list(e_values(values))
    again = list(e_values(sorted(values)))
    assert all(value > 0 for value in found)
    assert found[-1:] == pytest.approx(again[-1:])


@given(signs, st.integers(1, 6))
def test_the_needed_leads_say_what_the_game_says(values, number):
    needed = threshold(number)
    leads, lead, decisive, crowned = needed_leads(needed, len(values)), 0, 0, None
    for count, value in enumerate(values, start=1):
        lead, decisive = lead + value, decisive + abs(value)
        if lead >= leads[decisive]:
            crowned = count
            break
    assert challenge(values, needed).decided_at == crowned


def test_thresholds_of_the_stated_schedule():
    plain = [threshold(k, reused=False) for k in (1, 2, 3, 30)]
    assert plain == [40, 120, 240, 18600]
    assert [threshold(k) for k in (1, 2, 3, 30)] == [40, 240, 720, 558_000]
    assert threshold_among(30) == 600


@given(st.integers(1, 400), st.fractions(Fraction(1, 1000), Fraction(1, 2)))
def test_all_challenges_together_spend_no_more_than_alpha(count, alpha):
    # each challenge against each champion that it might meet
    spent = sum(k / threshold(k, alpha=alpha) for k in range(1, count + 1))
    assert spent == alpha * Fraction(count, count + 1)


def test_a_better_model_is_crowned_and_an_equal_one_is_not():
    rng = random.Random(8)
    base = [rng.random() < 0.6 for _ in range(2000)]
    equal = [rng.random() < 0.6 for _ in range(2000)]
    better = [rng.random() < 0.75 for _ in range(2000)]
    assert challenge(
        [a - b for a, b in zip(better, base, strict=True)], Fraction(40)
    ).crowned
    assert not challenge(
        [a - b for a, b in zip(equal, base, strict=True)], Fraction(40)
    ).crowned


def test_false_crowns_stay_below_the_promise_with_scores_between_0_and_1():
    rng, false = random.Random(5), 0
    for _ in range(400):
        gaps = (rng.choice([-0.5, 0.25, 0.25]) for _ in range(400))
        false += challenge(gaps, Fraction(20)).crowned
    assert false <= 20


def test_a_gain_within_the_margin_is_no_crown():
    gaps = [1, 1, 1, 0, 0, 0, 0, 0, 0, -1] * 100  # 0.2 better
    assert challenge(gaps, Fraction(40)).crowned
    assert challenge(gaps, Fraction(40), margin=0.05).crowned
    assert not challenge(gaps, Fraction(40), margin=0.25).crowned


def test_each_challenger_meets_whoever_leads():
    worse, good, best = ([1.0] * n + [0.0] * (400 - n) for n in (200, 280, 360))
    order = random.Random(1).sample(range(400), 400)
    mixed = {
        name: Contestant(name, [scores[k] for k in order])
        for name, scores in (("base", worse), ("good", good), ("best", best))
    }
    history = play(mixed["base"], [mixed["good"], mixed["best"], mixed["good"]])
    assert [(c.challenger, c.champion, c.verdict.crowned) for c in history] == [
        ("good", "base", True),
        ("best", "good", True),
        ("good", "best", False),
    ]
    assert [c.threshold for c in history] == [40, 240, 720]


def test_the_public_order_is_known_by_its_seed():
    ids = [f"q{k}" for k in range(100)]
    assert public_order(ids, "one") == public_order(reversed(ids), "one")
    assert public_order(ids, "one") != public_order(ids, "two")
    assert sorted(public_order(ids, "one")) == sorted(ids)
    assert public_order(["b1", "b2", "b3"], "seed") == ["b2", "b3", "b1"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: threshold(0), "challenge_number"),
        (lambda: threshold_among(0), "challenge_number"),
        (lambda: threshold(1, alpha=Fraction(0)), "alpha_range"),
        (lambda: list(e_values([0.0], 1.0)), "margin_range"),
        (lambda: list(e_values([1.5])), "difference_range"),
        (
            lambda: play(Contestant("a", [1]), [Contestant("b", [1, 0])]),
            "pairs_length",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, code):
    with pytest.raises(Invalid) as refused:
        call()
    assert refused.value.code == code
