"""A draft changes until it opens; what decides its baseline is measured again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid
from catalogue.models import Model
from competitions.models import Competition, Evaluation
from competitions.services import drafting, escrow, lifecycle, revising
from competitions.services.revising import SUPERSEDED
from storage.services import store_bytes
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def draft(alice: User, base: Model, now: datetime) -> Competition:
    """Alice's draft, with its baseline queued."""
    world.fund(alice, 1000, now)
    return drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now), now=now
    )


def revised(
    competition: Competition, actor: User, now: datetime, **changes: Any
) -> Competition:
    sponsor, base = competition.sponsor, competition.base_model
    spec = world.spec(sponsor, base, now, **{"slug": competition.slug, **changes})
    return revising.revise_competition(
        competition=competition, actor=actor, spec=spec, now=now
    )


def kinds(competition: Competition) -> list[str]:
    return [entry.kind for entry in competition.history.order_by("number")]


def test_what_the_draft_says_is_replaced_and_told(
    draft: Competition, alice: User, now: datetime
):
    made = revised(draft, alice, now, title="Better", margin=0.02)

    assert (made.title, made.margin) == ("Better", 0.02)
    assert kinds(draft) == ["draft", "revised"]
    assert draft.history.latest("number").facts == {"changed": ["margin", "title"]}


def test_the_same_again_changes_nothing(draft: Competition, alice: User, now: datetime):
    revised(draft, alice, now)

    assert kinds(draft) == ["draft"]
    assert draft.evaluations.count() == 2


def test_other_questions_are_measured_again_and_other_words_are_not(
    draft: Competition, alice: User, now: datetime
):
    world.score(draft.evaluations.get(split="public"), right=10, now=now)
    more = store_bytes(
        owner=alice, content=world.lines(world.rows("public", 40))
    ).sha256

    revised(draft, alice, now, title="Better")
    kept = set(draft.evaluations.values_list("id", flat=True))
    spec = world.spec(alice, draft.base_model, now).splits
    revised(draft, alice, now, title="Better", splits={**spec, "public": more})

    old = Evaluation.objects.filter(pk__in=kept)
    fresh = draft.evaluations.exclude(pk__in=kept)
    assert len(kept) == 2
    assert set(old.values_list("failure_code", flat=True)) == {SUPERSEDED}
    assert {(e.split, e.status, e.total) for e in fresh} == {
        ("public", "queued", 40),
        ("private", "queued", 30),
    }


def test_a_worker_at_the_old_baseline_loses_its_lease(
    draft: Competition, alice: User, bob: User, now: datetime
):
    evaluation = draft.evaluations.get(split="public")
    leased = world.evaluating.lease(
        evaluation_id=str(evaluation.id), evaluator=bob, now=now
    )

    revised(draft, alice, now, metric="macro_f1")

    with pytest.raises(Conflict) as refused:
        world.evaluating.heartbeat(
            evaluation_id=leased.evaluation, lease=leased.lease, done=1, now=now
        )
    assert refused.value.code == "lease_lost"


def test_the_competition_opens_only_with_the_new_baseline(
    draft: Competition, alice: User, now: datetime
):
    escrow.stake(
        competition=draft, staker=alice, amount=100 * UNIT, key="stake", now=now
    )
    for evaluation in draft.evaluations.all():
        world.score(evaluation, right=10, now=now)
    revised(draft, alice, now, metric="macro_f1")

    with pytest.raises(Conflict) as refused:
        lifecycle.open_competition(competition=draft, actor=alice, now=now)

    assert refused.value.code == "baseline_pending"


def test_a_higher_minimum_makes_a_funded_one_a_draft_and_a_lower_one_funds_it(
    draft: Competition, alice: User, now: datetime
):
    escrow.stake(
        competition=draft, staker=alice, amount=100 * UNIT, key="stake", now=now
    )

    higher = revised(draft, alice, now, minimum_stake="200")
    lower = revised(draft, alice, now, minimum_stake="50")

    higher.refresh_from_db()
    assert lower.status == "funded"
    assert kinds(draft)[-4:] == ["revised", "draft", "revised", "funded"]


def test_only_the_sponsor_revises(draft: Competition, bob: User, now: datetime):
    with pytest.raises(Forbidden):
        revised(draft, bob, now, title="Mine now")


def test_an_open_competition_stays_as_it_is(alice: User, base: Model, now: datetime):
    contest = world.open_competition(alice, base, now)

    with pytest.raises(Conflict) as refused:
        revised(contest, alice, now, title="Other")

    assert refused.value.code == "competition_status"


def test_a_slug_stays(draft: Competition, alice: User, now: datetime):
    with pytest.raises(Invalid) as refused:
        revised(draft, alice, now, slug="another-one")

    assert refused.value.code == "slug_fixed"


def test_a_broken_revision_leaves_the_draft_whole(
    draft: Competition, alice: User, now: datetime
):
    with pytest.raises(Invalid):
        revised(draft, alice, now, title="x" * 200)
    with pytest.raises(Invalid):
        revised(draft, alice, now, deadline=now - timedelta(days=1))

    draft.refresh_from_db()
    assert draft.title == "Bank intents"
    assert (draft.splits.count(), draft.attachments.count()) == (3, 1)
    assert kinds(draft) == ["draft"]
