"""A whole competition over HTTP: sponsor, miners, evaluator, licensee.

Only the clock's part, which a worker does, is called directly.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.services import sign_up
from assay.protocol.scoring import outputs_digest
from assay.protocol.signatures import check_certificate
from common import clock
from competitions.models import Competition, Evaluation
from competitions.services.lifecycle import advance
from tests.api.world import SOON, Door, door_of, error
from tests.builders import world as builders
from tests.builders.weights import LABELS, bert_files

PLACE = "/api/competitions/intents"


@pytest.fixture
def sponsor(alice: User, bob: User, now: datetime) -> Door:
    """Alice, with tokens; Bob owns the base model."""
    builders.fund(alice, 1000, now)
    builders.base_model(bob, now)
    return door_of(alice)


@pytest.fixture
def miner(charlie: User) -> Door:
    return door_of(charlie)


def total(door: Door) -> Decimal:
    return Decimal(door.get("/api/me").json()["balance"]["total"])


def create(sponsor: Door) -> Any:
    splits = {
        name: sponsor.upload(builders.lines(builders.rows(name, 30)))
        for name in ("sample", "public", "private")
    }
    return sponsor.post(
        "/api/competitions",
        {
            "slug": "intents",
            "title": "Intents",
            "summary": "What does the customer want?",
            "task_type": "text_classification",
            "task_options": {"labels": LABELS},
            "metric": "accuracy",
            "base_model": "bob/tiny-bert",
            "splits": splits,
            "minimum_stake": "100",
            "prize_rule": "winner_takes_all",
            "deadline": SOON,
            "challenge_hours": 0,
        },
    )


def evaluate(evaluator: Door, evaluation: Evaluation, *, right: int) -> None:
    """Lease, beat and return outputs, as an evaluator's machine does."""
    place = f"/api/evaluator/evaluations/{evaluation.id}"
    job = evaluator.post(f"{place}/lease").json()
    assert evaluator.get(f"/api/blobs/{job['inputs']['sha256']}").status_code == 200
    for file in job["model_files"] + job["base_files"]:
        assert evaluator.get(f"/api/blobs/{file['sha256']}").status_code == 200
    lease = job["lease"]
    beat = {"lease": lease, "done": 15, "total": 30}
    assert evaluator.post(f"{place}/heartbeat", beat).status_code == 204
    said = builders.outputs(evaluation, right=right)
    usage = {"cpu_seconds": 2.5, "wall_seconds": 3.0, "peak_bytes": 1000}
    builders.evaluator_with_key("evaluator-1")
    returned = evaluator.post(
        f"{place}/outputs",
        {
            "lease": lease,
            "outputs": [
                {"id": one.id, "scores": [score.hex() for score in one.scores]}
                for one in said
            ],
            "digest": outputs_digest(said),
            "engine_version": "1",
            "usage": usage,
            "receipt": builders.receipt_over_http(job, said, usage, "evaluator-1"),
        },
    )
    assert returned.status_code == 204, returned.content
    assert evaluator.post(f"{place}/lease").status_code == 409


def evaluate_all(evaluator: Door, *, right: int) -> None:
    for evaluation in Evaluation.objects.filter(status="queued"):
        evaluate(evaluator, evaluation, right=right)


def enter(miner: Door, *, seed: int, **changes: Any) -> Any:
    files = {
        path: miner.upload(content) for path, content in bert_files(seed=seed).items()
    }
    rules = miner.get(PLACE).json()["rules_digest"]
    accepted = miner.post(f"{PLACE}/acceptance", {"rules_digest": rules})
    assert accepted.status_code == 200, accepted.content
    return miner.post(
        f"{PLACE}/submissions",
        {
            "name": f"model-{seed}",
            "kind": "full",
            "files": files,
            "terms": builders.PAID_TERMS,
            "message": "first try",
            **changes,
        },
    )


def opened(sponsor: Door, evaluator: Door) -> None:
    assert create(sponsor).status_code == 201
    assert sponsor.pay(f"{PLACE}/stakes", {"amount": "100"}).status_code == 201
    evaluate_all(evaluator, right=10)
    assert sponsor.post(f"{PLACE}/open").json()["status"] == "open"


def judged(sponsor: Door, evaluator: Door) -> None:
    past = {"deadline": "2020-01-01T00:00:00Z"}
    moved = sponsor.post(f"{PLACE}/deadline", past)
    assert moved.status_code == 200, moved.content
    advance(competition=Competition.objects.get(), now=clock.now())
    evaluate_all(evaluator, right=25)
    advance(competition=Competition.objects.get(), now=clock.now())
    evaluate_all(evaluator, right=25)
    advance(competition=Competition.objects.get(), now=clock.now())


def test_a_competition_is_created_with_all_its_rules(sponsor: Door):
    made = create(sponsor)

    assert made.status_code == 201, made.content
    shown = made.json()
    assert shown["status"] == "draft"
    assert shown["deadline"] == SOON
    assert shown["splits"] == {"sample": 30, "public": 30, "private": 30}
    assert (shown["minimum_stake"], shown["staked"], shown["asset"]) == (
        "100",
        "0",
        "AST",
    )
    assert sponsor.get(PLACE).json() == shown
    assert Door().get("/api/competitions").json()["items"] == []


def test_a_bad_row_of_a_benchmark_is_named(sponsor: Door):
    bad = [{"id": "1", "text": "x", "label": "none of these"}]
    digest = sponsor.upload(builders.lines(bad))
    good = sponsor.upload(builders.lines(builders.rows("sample", 3)))

    response = sponsor.post(
        "/api/competitions",
        {
            "slug": "intents",
            "title": "Intents",
            "summary": "What?",
            "task_type": "text_classification",
            "task_options": {"labels": LABELS},
            "metric": "accuracy",
            "base_model": "bob/tiny-bert",
            "splits": {"sample": good, "public": digest, "private": digest},
            "minimum_stake": "100",
            "prize_rule": "winner_takes_all",
            "deadline": SOON,
        },
    )

    found = error(response)
    assert (response.status_code, found["code"]) == (422, "benchmark_row")
    assert "1" in found["where"]


def test_only_the_sponsor_leads_the_competition(
    sponsor: Door, miner: Door, evaluator: Door
):
    opened(sponsor, evaluator)

    for verb, body in (
        ("open", None),
        ("cancel", None),
        ("deadline", {"deadline": SOON}),
    ):
        response = miner.post(f"{PLACE}/{verb}", body)
        assert (response.status_code, error(response)["code"]) == (
            403,
            "not_the_sponsor",
        )


def test_a_refused_entry_lists_every_finding(
    sponsor: Door, miner: Door, evaluator: Door
):
    opened(sponsor, evaluator)
    files = {"model.safetensors": miner.upload(b"\x80\x04\x95pickled")}

    response = enter(miner, seed=1, files=files)

    found = error(response)
    assert (response.status_code, found["code"]) == (422, "submission_refused")
    assert found["findings"]
    assert all(
        set(finding) == {"code", "path", "sentence", "fix"}
        for finding in found["findings"]
    )
    assert miner.get(f"{PLACE}/quota").json()["used"] == 0


def test_private_scores_are_shown_only_with_the_final_board(
    sponsor: Door, miner: Door, evaluator: Door
):
    opened(sponsor, evaluator)
    entry = enter(miner, seed=1)
    assert entry.status_code == 201, entry.content
    place = f"/api/submissions/{entry.json()['id']}"
    evaluate_all(evaluator, right=20)

    shown = Door().get(place).json()
    assert [(e["split"], e["score"]) for e in shown["evaluations"]] == [
        ("public", pytest.approx(20 / 30))
    ]
    assert (shown["status"], shown["rank"]) == ("scored", 1)
    board = Door().get(f"{PLACE}/leaderboard").json()
    assert (board["split"], board["count_hidden"]) == ("public", 30)
    assert board["baseline"]["score"] == pytest.approx(10 / 30)

    judged(sponsor, evaluator)

    splits = [e["split"] for e in Door().get(place).json()["evaluations"]]
    assert splits == ["public", "private", "private"]
    assert Door().get(f"{PLACE}/leaderboard").json()["split"] == "private"


def test_the_winner_is_paid_published_and_licensed(
    sponsor: Door, miner: Door, evaluator: Door
):
    opened(sponsor, evaluator)
    enter(miner, seed=1)
    evaluate_all(evaluator, right=20)
    judged(sponsor, evaluator)

    assert total(miner) == 100
    (row,) = miner.get(f"{PLACE}/leaderboard").json()["rows"]
    assert (row["rank"], row["amount"], row["is_mine"]) == (1, "100", True)
    kinds = [
        e["kind"] for e in Door().get(f"{PLACE}/history?limit=100").json()["items"]
    ]
    assert kinds[-3:] == ["provisional", "repeated", "settled"]

    model = Door().get("/api/models/charlie/model-1").json()
    assert model["competition"] == "intents"
    base = Door().get("/api/models/bob/tiny-bert").json()
    assert model["parents"] == [
        {
            "reference": "bob/tiny-bert",
            "percent": "10",
            "digest": base["manifest_digest"],
            "relation": "fine_tune",
        }
    ]
    assert model["explained"]

    quote = sponsor.post("/api/models/charlie/model-1/quotes", {"use": "commercial"})
    assert (quote.status_code, quote.json()["price"]) == (201, "25")
    accept = f"/api/quotes/{quote.json()['id']}/accept"
    before = total(sponsor)
    licence = sponsor.pay(accept, key="buy")
    again = sponsor.pay(accept, key="buy")

    assert licence.status_code == 201, licence.content
    assert again.json() == licence.json()
    assert total(sponsor) == before - 25
    royalty = licence.json()["royalty"]
    parts = {(p["payee"], p["model"]): p["amount"] for p in royalty["parts"]}
    assert parts == {
        ("charlie", "charlie/model-1"): "22.5",
        ("bob", "bob/tiny-bert"): "2.5",
    }
    assert total(miner) == Decimal("122.5")
    keys = Door().get("/api/keys").json()["keys"]
    check_certificate(licence.json()["certificate"], keys)
    earned = miner.get("/api/me/royalties").json()["items"]
    assert [(part["amount"], part["fraction"]) for part in earned] == [("22.5", "9/10")]
    held = sponsor.get("/api/me/licences").json()["items"]
    assert held == [sponsor.get(f"/api/licences/{licence.json()['id']}").json()]
    weights = "/api/models/charlie/model-1/files/model.safetensors"
    sent = b"".join(Door().get(weights).streaming_content)
    assert sent == bert_files(seed=1)["model.safetensors"]


def test_a_failed_model_says_why(sponsor: Door, miner: Door, evaluator: Door):
    opened(sponsor, evaluator)
    entry = enter(miner, seed=1).json()
    evaluation = Evaluation.objects.get(status="queued")
    place = f"/api/evaluator/evaluations/{evaluation.id}"
    lease = evaluator.post(f"{place}/lease").json()["lease"]

    said = {
        "lease": lease,
        "fault": "model",
        "code": "memory_exceeded",
        "sentence": "The model needed more memory than it may have.",
    }
    assert evaluator.post(f"{place}/failure", said).status_code == 204

    shown = miner.get(f"/api/submissions/{entry['id']}").json()
    assert shown["status"] == "failed"
    assert shown["evaluations"][0]["failure"] == {
        "code": "memory_exceeded",
        "sentence": "The model needed more memory than it may have.",
    }
    quota = miner.get(f"{PLACE}/quota").json()
    assert (quota["used"], quota["failures"]) == (1, 1)


def test_anyone_may_add_to_the_stake_while_it_is_open(
    sponsor: Door, evaluator: Door, now: datetime
):
    opened(sponsor, evaluator)
    dora = sign_up(handle="dora", email="", password="another quiet afternoon")
    builders.fund(dora, 50, now)

    made = door_of(dora).pay(f"{PLACE}/stakes", {"amount": "50"})

    assert (made.status_code, made.json()["staker"]) == (201, "dora")
    assert Door().get(PLACE).json()["staked"] == "150"
    (row,) = Door().get("/api/competitions?status=open&query=intent").json()["items"]
    assert row["staked"] == "150"
