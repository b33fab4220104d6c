"""``datasets.load_dataset`` of a competition's data, and its refusals."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from accounts.services import sign_up
from assay.protocol.errors import Conflict
from competitions.models import Attachment, Competition
from storage.services import store_bytes
from tests.builders import world
from tests.doors.conftest import Run

pytestmark = pytest.mark.django_db(transaction=True)

Client = Callable[..., Run]
LOAD = """
import json, sys
from datasets import load_dataset
rows = load_dataset(*sys.argv[1:-1], split=sys.argv[-1])
print(json.dumps([rows.num_rows, rows.column_names, rows[1]]))
print(rows.features.get("label"))
"""


def test_who_has_accepted_the_rules_loads_the_sample_with_its_classes(
    python: Client, contest: Competition, bob: User, now: datetime
):
    world.accept(bob, contest, now)

    ended = python(bob)(LOAD, "competitions/bank-intents", "sample")

    assert ended.status == 0, ended.err
    first, features = ended.out.splitlines()
    row = {"id": "sample-1", "text": "sample question 1", "label": 1}
    assert json.loads(first) == [30, ["id", "text", "label"], row]
    assert features == "ClassLabel(names=['card', 'loan', 'refund'])"


def test_more_files_of_rows_are_loaded_by_name(
    python: Client, contest: Competition, alice: User, now: datetime
):
    content = world.lines([{"question": "why", "n": i} for i in range(7)])
    blob = store_bytes(owner=alice, content=content)
    Attachment.objects.create(competition=contest, path="train.jsonl", blob=blob)

    ended = python(alice)(LOAD, "competitions/bank-intents", "train", "train")

    assert ended.status == 0, ended.err
    assert json.loads(ended.out.splitlines()[0])[:2] == [7, ["question", "n"]]


@pytest.mark.parametrize("somebody", [True, False])
def test_who_has_not_is_told_the_command(
    hf: Client, contest: Competition, bob: User, somebody: bool, tmp_path: Path
):
    run = hf(bob if somebody else None)

    ended = run("download", "competitions/bank-intents", "--repo-type", "dataset")

    assert ended.status == 1
    assert "assay competition rules accept bank-intents" in ended.said


def test_the_card_is_there_for_all_who_see_the_competition(
    hf: Client, python: Client, contest: Competition, tmp_path: Path
):
    fetched = hf()(
        *("download", "competitions/bank-intents", "README.md"),
        *("--repo-type", "dataset", "--local-dir", tmp_path / "card"),
    )
    told = python()(
        "from huggingface_hub import HfApi;"
        "i = HfApi().dataset_info('competitions/bank-intents');"
        "print(i.gated, i.card_data.license, i.author)"
    )

    assert fetched.status == 0, fetched.err
    assert "Route a customer's question." in (tmp_path / "card/README.md").read_text()
    assert told.out.split() == ["manual", "unknown", "competitions"]


def test_a_draft_is_not_found(
    hf: Client, contest: Competition, bob: User, tmp_path: Path
):
    Competition.objects.update(status="draft")

    ended = hf(bob)("download", "competitions/bank-intents", "--repo-type", "dataset")

    assert ended.status == 1
    assert "not found" in ended.said.lower()


def test_nobody_takes_the_name_that_data_goes_by(db: None):
    with pytest.raises(Conflict):
        sign_up(handle="competitions", email="", password="a quiet afternoon here")
