"""Scores of slices are told beside an entry's score, unless they would tell answers."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Submission
from storage.services import store_bytes
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def opened(alice: User, base: Model, now: datetime, **changes: Any) -> Competition:
    """Thirty examples a split: 20 of cards, 10 of loans."""
    splits = {}
    for split in ("sample", "public", "private"):
        rows = [
            {**row, "topic": "loans" if number % 3 == 2 else "cards"}
            for number, row in enumerate(world.rows(split, 30))
        ]
        splits[split] = store_bytes(owner=alice, content=world.lines(rows)).sha256
    options = {"labels": world.LABELS, "slice_by": ["topic"]}
    return world.open_competition(
        alice, base, now, splits=splits, task_options=options, **changes
    )


def scored(miner: User, contest: Competition, now: datetime) -> Submission:
    entry = world.submit(miner, contest, now, seed=1)
    world.score(entry.evaluations.get(), right=15, now=now)
    return entry


def test_slices_of_twenty_examples_are_told_and_smaller_ones_are_not(
    alice: User, bob: User, base: Model, now: datetime
):
    entry = scored(bob, opened(alice, base, now), now)

    (told,) = entry.evaluations.get().told_slices

    assert (told["column"], told["name"], told["count"]) == ("topic", "cards", 20)
    assert told["value"] == 0.5
    assert told["low"] < 0.5 < told["high"]


def test_a_board_that_rises_by_steps_tells_no_slices(
    alice: User, bob: User, base: Model, now: datetime
):
    entry = scored(bob, opened(alice, base, now, board_step=0.05), now)

    assert entry.evaluations.get().told_slices == []
