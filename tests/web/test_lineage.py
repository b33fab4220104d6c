"""A lineage is drawn, said in words, and terms are tried before anything is sent."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from safetensors.numpy import save

from accounts.models import User
from catalogue.models import Model
from catalogue.services import (
    create_model,
    publish,
    register_external_model,
    weighing,
)
from competitions.models import Competition
from tests.builders import models, world
from tests.builders.weights import bert_files
from tests.web.conftest import as_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(bob: User, base: Model, now: datetime) -> Model:
    """Published, of the base model and of one elsewhere."""
    elsewhere = register_external_model(
        person=bob,
        name="bert",
        source="https://models.example/bert?a=<b>".replace("<b>", "b"),
        digest="a" * 64,
        licence="Apache-2.0",
        now=now,
    )
    model = create_model(
        owner=bob,
        draft=models.draft(bob, "child", parents=[base], external_parents=[elsewhere]),
        now=now,
    )
    publish(model=model, now=now)
    return model


def test_a_lineage_is_drawn_with_a_text_beside_it(child: Model, base: Model):
    page = Client().get("/models/bob/child").content.decode()

    assert '<svg class="lineage"' in page
    assert 'aria-labelledby="lineage-title lineage-words"' in page
    assert "bob/child: fine-tune of steward/tiny-bert, 10 %." in page
    assert "bob/child: fine-tune of ext:bert." in page
    assert "not verified" in page
    assert "indicate changes, to the makers of ext:bert" in page
    assert "bob/child: fine-tune" in Client().get(f"/models/{base}").content.decode()


def test_a_hidden_child_is_not_drawn_for_strangers(
    alice: User, bob: User, base: Model, now: datetime
):
    create_model(owner=bob, draft=models.draft(bob, "hidden", parents=[base]), now=now)

    def page(viewer: User | None) -> str:
        return as_person(viewer).get(f"/models/{base}").content.decode()

    assert "bob/hidden" in page(bob)
    assert "bob/hidden" not in page(alice)
    assert "bob/hidden" not in page(None)


def test_terms_are_tried_on_the_page_for_submissions(
    alice: User, bob: User, base: Model, now: datetime
):
    competition: Competition = world.open_competition(alice, base, now)
    where = f"/competitions/{competition.slug}/submissions"

    def shown(**asked: str) -> str:
        return as_person(bob).get(where, asked).content.decode()

    assert "10 % to steward/tiny-bert" in shown()
    assert "It would be refused" in shown(terms="research-only", parents="")
    assert "These terms go with these parents" in shown(terms="paid-commercial")
    assert "no model bob/none" in shown(terms="open", parents="bob/none")


def test_a_flag_is_shown_with_its_tensors_and_to_staff_in_a_list(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition: Competition = world.open_competition(alice, base, now)
    first, second = (
        world.submit(
            miner,
            competition,
            now + timedelta(seconds=seed),
            seed=seed,
            files=world.stored(
                miner, {**bert_files(seed=seed), "model.safetensors": w}
            ),
        )
        for miner, seed, w in (
            (bob, 1, weights(0.0)),
            (charlie, 2, weights(0.01)),
        )
    )
    where = f"/submissions/{second.id}"
    assert "being compared" in Client().get(where).content.decode()

    for entry in (first, second):
        weighing.sketch_model(model_id=entry.model_id, now=now)

    page = Client().get(where).content.decode()
    assert "It resembles bob/model-1, which it does not declare" in page
    assert "bert.embeddings.word_embeddings.weight" in page
    assert "no verdict" in page
    listed = "charlie/model-2"
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert listed in as_person(alice).get("/flags").content.decode()
    answer = Client().get(f"/api/submissions/{second.id}").json()
    assert answer["weights"] == "done"
    (flag,) = answer["resemblances"]
    assert (flag["known"], flag["kind"]) == ("bob/model-1", "near")
    assert flag["matches"][0]["cosine"] > 0.99


def weights(noise: float) -> bytes:
    """The same tiny network, with noise of this size."""
    random = np.random.default_rng(7)
    shapes = {
        "bert.embeddings.word_embeddings.weight": (50, 64),
        "classifier.weight": (3, 8),
        "classifier.bias": (3,),
    }
    same = {name: random.normal(size=shape) for name, shape in shapes.items()}
    return save(
        {
            name: (tensor + noise * random.normal(size=tensor.shape)).astype(np.float32)
            for name, tensor in same.items()
        }
    )
