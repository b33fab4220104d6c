"""Hidden data is shown once nothing can be won with it, by the sponsor alone."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from catalogue.models import Model
from competitions.models import Competition, Submission
from competitions.receipt_selectors import revealed, revealed_file, revealed_outputs
from competitions.services import lifecycle, revealing
from storage import stores
from storage.blobs import open_blob
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def entry(alice: User, bob: User, base: Model, now: datetime) -> Submission:
    competition = world.open_competition(
        alice, base, now, challenge_window=timedelta(0)
    )
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    return made


@pytest.fixture
def settled(entry: Submission, now: datetime) -> Competition:
    competition, end = entry.competition, now + timedelta(days=8)
    world.rank_all(competition, {"bob": 25}, end)
    world.repeat(competition, now=end)
    lifecycle.advance(competition=competition, now=end)
    competition.refresh_from_db()
    assert competition.status == "settled"
    return competition


def test_the_sponsor_reveals_both_splits_once_and_the_history_says_which_data(
    settled: Competition, now: datetime
):
    for _ in range(2):
        revealing.reveal(competition=settled, actor=settled.sponsor, now=now)

    told = settled.history.filter(kind="revealed")
    assert [entry.facts["split"] for entry in told] == ["private", "public"]
    split = settled.splits.get(name="public")
    assert told[1].facts["inputs"] == split.inputs_id
    assert told[1].facts["answers"] == split.answers_id
    assert sorted(revealed(settled)) == [
        "private.answers.jsonl",
        "private.inputs.jsonl",
        "public.answers.jsonl",
        "public.inputs.jsonl",
    ]


def test_one_split_is_revealed_without_the_other(settled: Competition, now: datetime):
    revealing.reveal(
        competition=settled, actor=settled.sponsor, splits=["public"], now=now
    )
    assert revealed_file(competition=settled, split="public", part="answers")
    with pytest.raises(Conflict) as hidden:
        revealed_file(competition=settled, split="private", part="inputs")
    assert hidden.value.code == "split_hidden"


def test_nothing_is_revealed_before_the_end_or_by_somebody_else(
    entry: Submission, bob: User, now: datetime
):
    competition = entry.competition
    with pytest.raises(Conflict) as early:
        revealing.reveal(competition=competition, actor=competition.sponsor, now=now)
    with pytest.raises(Forbidden):
        revealing.reveal(competition=competition, actor=bob, now=now)

    assert early.value.code == "competition_not_final"
    assert revealed(competition) == {}


@pytest.mark.parametrize("splits", [["sample"], []])
def test_only_hidden_splits_can_be_revealed(
    settled: Competition, now: datetime, splits: list[str]
):
    with pytest.raises(Invalid) as refused:
        revealing.reveal(
            competition=settled, actor=settled.sponsor, splits=splits, now=now
        )
    assert refused.value.code == "split_unknown"


def test_data_that_was_altered_in_storage_is_not_shown(
    settled: Competition, now: datetime
):
    path = stores.current().path(settled.splits.get(name="public").answers_id)
    path.chmod(0o644)
    path.write_bytes(b"{}")

    with pytest.raises(Conflict) as refused:
        revealing.reveal(competition=settled, actor=settled.sponsor, now=now)

    assert refused.value.code == "split_altered"


def test_outputs_are_shown_with_the_split_and_not_before(
    settled: Competition, entry: Submission, now: datetime
):
    evaluation = entry.evaluations.get(split="public")
    with pytest.raises(Conflict) as hidden:
        revealed_outputs(evaluation_id=evaluation.pk, viewer=None)
    revealing.reveal(competition=settled, actor=settled.sponsor, now=now)

    shown = revealed_outputs(evaluation_id=evaluation.pk, viewer=None)
    assert hidden.value.code == "split_hidden"
    with open_blob(shown.pk) as lines:
        assert len(list(lines)) == evaluation.total


def test_what_is_no_part_of_a_split_is_not_found(settled: Competition):
    for split, part in (("public", "source"), ("another", "inputs")):
        with pytest.raises(NotFound):
            revealed_file(competition=settled, split=split, part=part)
