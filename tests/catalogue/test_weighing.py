"""New models are sketched, indexed and flagged, outside any request, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from catalogue import selectors, services, tasks
from catalogue.models import Model, Resemblance, SketchKey, WeightSketch
from catalogue.services import weighing
from common.models import Job
from ledger.services import ensure_asset
from storage.services import store_bytes
from tests.builders import models, networks
from tests.builders.networks import Weights, as_bytes

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BASE = networks.network(1)
TUNED = networks.tuned(BASE, seed=2)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _asset(db: None) -> None:
    ensure_asset("AST", 18)


def made(owner: User, name: str, weights: Weights, at: datetime, **more: Any) -> Model:
    """A model with these weights, not sketched yet."""
    blob = store_bytes(owner=owner, content=as_bytes(weights))
    draft = models.draft(owner, name, files={"model.safetensors": blob}, **more)
    return services.create_model(owner=owner, draft=draft, now=at)


def sketched(
    owner: User, name: str, weights: Weights, at: datetime, **more: Any
) -> Model:
    """The same, looked at."""
    model = made(owner, name, weights, at, **more)
    assert weighing.sketch_model(model_id=model.pk, now=at)
    return model


def flags(model: Model) -> dict[str, str]:
    return {f.known.name: f.kind for f in selectors.resemblances_of(model)}


def test_a_new_model_waits_and_is_sketched_once(alice: User, now: datetime):
    model = made(alice, "m", BASE, now)

    job = Job.objects.get(name=weighing.TASK)
    assert (job.kind, job.queue, job.arguments) == (
        "message",
        "weights",
        {"model_id": str(model.pk)},
    )
    assert selectors.sketch_of(model) is None
    tasks.sketch(str(model.pk))
    assert WeightSketch.objects.get().status == "done"
    assert selectors.sketch_of(model) is not None
    assert 200 < SketchKey.objects.count() < 600
    assert not weighing.sketch_model(model_id=model.pk, now=now)


def test_an_undeclared_copy_is_flagged_with_its_tensors(
    alice: User, bob: User, now: datetime
):
    sketched(alice, "original", BASE, now)

    copy = sketched(bob, "copy", networks.noised(BASE, 9, 0.02), now + HOUR)

    (flag,) = selectors.resemblances_of(copy)
    assert (flag.known.name, flag.kind, flag.share) == ("original", "near", 1.0)
    assert flag.count == 10
    assert flag.matches[0]["name"] == flag.matches[0]["other"]
    assert flag.similarity > 0.99


def test_declared_parents_strangers_and_own_models_are_not_flagged(
    alice: User, bob: User, now: datetime
):
    base = sketched(alice, "base", BASE, now)
    services.publish(model=base, now=now)

    child = sketched(bob, "child", TUNED, now + HOUR, parents=[base])
    stranger = sketched(bob, "other", networks.network(40), now + HOUR)
    own = sketched(alice, "again", networks.noised(BASE, 3, 0.1), now + HOUR)

    assert [flags(m) for m in (child, stranger, own)] == [{}, {}, {}]


def test_the_earlier_is_never_the_copy_whoever_is_sketched_first(
    alice: User, bob: User, now: datetime
):
    original = made(alice, "original", BASE, now)
    copy = sketched(bob, "copy", networks.quantised(BASE, 8), now + HOUR)
    assert flags(copy) == {}

    weighing.sketch_model(model_id=original.pk, now=now + 2 * HOUR)

    assert flags(copy) == {"original": "near"}
    assert flags(original) == {}


def test_a_fine_tune_that_was_copied_is_found_beneath_a_declared_base(
    alice: User, bob: User, charlie: User, now: datetime
):
    base = sketched(alice, "base", BASE, now)
    services.publish(model=base, now=now)
    sketched(bob, "first", TUNED, now + HOUR, parents=[base])

    sibling = sketched(
        charlie,
        "sibling",
        networks.tuned(BASE, seed=3),
        now + 2 * HOUR,
        parents=[base],
    )
    copy = sketched(
        charlie,
        "copy",
        networks.noised(TUNED, 9, 0.003),
        now + 2 * HOUR,
        parents=[base],
    )

    assert flags(sibling) == {}
    assert flags(copy) == {"first": "near"}


def test_a_found_base_explains_its_other_children(
    alice: User, bob: User, charlie: User, now: datetime
):
    base = sketched(alice, "base", BASE, now)
    services.publish(model=base, now=now)
    sketched(bob, "first", TUNED, now + HOUR, parents=[base])
    hidden = sketched(bob, "second", networks.tuned(BASE, seed=3), now + HOUR)

    undeclared = sketched(
        charlie, "third", networks.tuned(BASE, seed=4), now + 2 * HOUR
    )
    copy = sketched(charlie, "fourth", networks.noised(TUNED, 9, 0.003), now + 2 * HOUR)

    assert flags(hidden) == {"base": "near"}
    assert flags(undeclared) == {"base": "near"}
    assert "first" in flags(copy)


def test_ancestors_that_wait_are_sketched_first(alice: User, bob: User, now: datetime):
    base = made(alice, "base", BASE, now)
    services.publish(model=base, now=now)

    child = sketched(bob, "child", TUNED, now + HOUR, parents=[base])

    assert WeightSketch.objects.filter(status="done").count() == 2
    assert flags(child) == {}


def test_files_that_are_no_weights_fail_for_good(alice: User, now: datetime):
    model = services.create_model(owner=alice, draft=models.draft(alice, "m"), now=now)

    assert not weighing.sketch_model(model_id=model.pk, now=now)

    row = WeightSketch.objects.get()
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.failure


def test_a_lost_message_is_rung_again(alice: User, now: datetime):
    made(alice, "m", BASE, now)
    Job.objects.all().delete()

    assert weighing.ring_again(now + timedelta(minutes=1)) == 0
    assert weighing.ring_again(now + timedelta(minutes=3)) == 1

    assert Job.objects.get().name == weighing.TASK


def test_a_worker_that_died_is_followed_by_another(alice: User, now: datetime):
    model = made(alice, "m", BASE, now)
    WeightSketch.objects.update(status="working", rung_at=now)

    assert weighing.ring_again(now + HOUR) == 1

    assert weighing.sketch_model(model_id=model.pk, now=now + HOUR)


def test_staff_sees_all_flags_newest_first(alice: User, bob: User, now: datetime):
    sketched(alice, "original", BASE, now)
    for n in range(3):
        sketched(bob, f"copy-{n}", networks.noised(BASE, n, 0.02), now + (n + 1) * HOUR)

    page = selectors.newest_resemblances(limit=2)

    assert [flag.model.name for flag in page.items] == ["copy-2", "copy-1"]
    assert page.next_cursor
    assert Resemblance.objects.count() == 3
