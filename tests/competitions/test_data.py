"""Public data: for those who accepted the rules, and what is told of it to everyone."""

from datetime import datetime

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, NotFound
from competitions.data import data_file, data_record
from competitions.models import Competition
from competitions.permissions import can_fetch_data
from competitions.services import drafting, lifecycle
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def contest(alice: User, charlie: User, now: datetime) -> Competition:
    base = world.base_model(charlie, now)
    return world.open_competition(alice, base, now, data_licence="CC-BY-4.0")


def test_data_is_for_who_has_accepted_and_the_refusal_names_the_command(
    contest: Competition, bob: User, now: datetime
):
    for viewer, word in ((bob, "Read"), (None, "Log in")):
        with pytest.raises(Conflict) as refused:
            data_file(competition=contest, path="sample.jsonl", viewer=viewer)
        assert refused.value.code == "rules_not_accepted"
        assert "`assay competition rules accept bank-intents`" in refused.value.fix
        assert refused.value.fix.startswith(word)

    world.accept(bob, contest, now)

    found = data_file(competition=contest, path="sample.jsonl", viewer=bob)
    assert found.blob_id == data_record(contest).sample.sha256


def test_the_sponsor_stakers_and_staff_need_not_accept(
    contest: Competition, alice: User, bob: User
):
    assert can_fetch_data(alice, contest)
    assert not can_fetch_data(bob, contest)
    bob.is_staff = True
    assert can_fetch_data(bob, contest)


def test_an_acceptance_of_other_rules_does_not_do(
    contest: Competition, bob: User, now: datetime
):
    world.accept(bob, contest, now)
    contest.rules_digest = "0" * 64

    assert not can_fetch_data(bob, contest)


@pytest.mark.parametrize("status", ["settled", "cancelled"])
def test_when_it_is_over_everyone_can_check(contest: Competition, status: str):
    contest.status = status

    assert can_fetch_data(None, contest)


def test_before_rules_are_frozen_there_is_nothing_to_accept(
    alice: User, bob: User, charlie: User, now: datetime
):
    contest = world.funded_competition(alice, world.base_model(charlie, now), now)

    assert can_fetch_data(bob, contest)


def test_what_is_not_there_is_not_found_whoever_asks(contest: Competition, bob: User):
    with pytest.raises(NotFound):
        data_file(competition=contest, path="private.jsonl", viewer=bob)


def test_the_record_tells_features_counts_licence_and_digests(contest: Competition):
    record = data_record(contest)

    assert record.features == {
        "id": "string",
        "text": "string",
        "label": ("card", "loan", "refund"),
    }
    assert record.counts == {"sample": 30, "public": 30, "private": 30}
    assert record.licence == "CC-BY-4.0"
    assert [file.path for file in record.files] == ["sample.jsonl"]


def test_a_data_licence_is_an_id_and_part_of_the_rules(
    contest: Competition, alice: User, now: datetime
):
    rules = lifecycle.rules_of(contest)
    with pytest.raises(Invalid) as refused:
        drafting.create_competition(
            sponsor=alice,
            spec=world.spec(
                alice,
                contest.base_model,
                now,
                slug="other",
                data_licence="free, really!",
            ),
            now=now,
        )

    assert rules["data_licence"] == "CC-BY-4.0"
    assert refused.value.where == "data_licence"
