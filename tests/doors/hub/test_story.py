"""A model's whole road with the Hub's clients: sent, entered, scored, won, loaded."""

import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accounts.models import User
from accounts.services import issue_token, sign_up
from assay.protocol.terms import write_toml
from catalogue import services as catalogue
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Submission
from competitions.services import lifecycle
from evaluator.tasks import evaluate_task
from storage.services import store_bytes
from tests.builders import world
from tests.doors.conftest import Run, hub_environment, run_program, token_of
from tests.evaluator.engine import tiny

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.e2e,
    pytest.mark.jail,
    pytest.mark.model,
    # peft asks an old question of transformers
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing"),
]

Client = Callable[..., Run]
LOGITS = """
import json, sys, torch
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1])
ids = torch.arange(3, 23).reshape(2, 10)
with torch.inference_mode():
    print(json.dumps([[x.hex() for x in row] for row in model(ids).logits.tolist()]))
"""
ADAPTED = """
import json, sys, torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained(sys.argv[1])
model = PeftModel.from_pretrained(base, sys.argv[2])
with torch.inference_mode():
    logits = model(torch.arange(3, 13).reshape(1, 10)).logits[0, -1]
print(json.dumps([x.hex() for x in logits.tolist()]))
"""


@pytest.fixture
def base(charlie: User, server: str, tmp_path: Path, now: datetime) -> Model:
    """A real little BERT of Charlie's, with its tokenizer."""
    folder = tiny.save_bert(tmp_path / "base", seed=1)
    blobs = {
        file.name: store_bytes(owner=charlie, content=file.read_bytes())
        for file in folder.iterdir()
    }
    draft = catalogue.ModelDraft(
        name="tiny-bert",
        kind="full",
        files=blobs,
        terms=world.OPEN_TERMS,
        shares=[(charlie, 1)],
        architecture="BertForSequenceClassification",
    )
    return catalogue.register_base_model(owner=charlie, draft=draft, now=now)


@pytest.fixture
def contest(alice: User, base: Model, now: datetime) -> Competition:
    """Alice's competition on it."""
    options = {"labels": world.LABELS, "max_tokens": 32}
    return world.open_competition(alice, base, now, task_options=options)


@pytest.fixture
def evaluate(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Evaluation], Evaluation]:
    """Runs an evaluation as an evaluator's host does, in the jail."""
    machine = sign_up(handle="machine", email="", password="a quiet machine at work")
    User.objects.filter(pk=machine.pk).update(is_staff=True)
    machine.refresh_from_db()
    _, secret = issue_token(user=machine, name="jail", scope="evaluator")
    monkeypatch.setenv("ASSAY_ENDPOINT", server)
    monkeypatch.setenv("ASSAY_EVALUATOR_TOKEN", secret)
    monkeypatch.setenv("ASSAY_EVALUATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ASSAY_EVALUATOR_KEY_FILE", str(tmp_path / "key"))

    def run(evaluation: Evaluation) -> Evaluation:
        evaluate_task.apply(args=[str(evaluation.pk)], throw=True)
        evaluation.refresh_from_db()
        assert evaluation.status == Evaluation.Status.SCORED, (
            evaluation.failure_sentence
        )
        return evaluation

    return run


def trained(folder: Path) -> Path:
    """What a miner has after training: weights, config and terms; no tokenizer."""
    tiny.save_bert(folder, seed=2)
    (folder / "tokenizer.json").unlink()
    (folder / "terms.toml").write_text(write_toml(world.OPEN_TERMS, []))
    (folder / "README.md").write_text("# Router")
    return folder


def test_what_was_sent_with_hf_wins_and_loads_with_the_same_logits(
    hf: Client,
    python: Client,
    server: str,
    contest: Competition,
    bob: User,
    charlie: User,
    evaluate: Callable[[Evaluation], Evaluation],
    tmp_path: Path,
    now: datetime,
) -> None:
    folder = trained(tmp_path / "router")
    local = python(bob)(LOGITS, folder)
    world.accept(bob, contest, now)

    sent = hf(bob)("upload", "bob/router", folder, "-q")
    entered = run_program(
        *(sys.executable, "-m", "assay", "--json", "submit"),
        *("--repo", "router@main", "--name", "winner", "-c", contest.slug),
        cwd=tmp_path,
        env={
            **hub_environment(tmp_path / "bob", server, bob),
            "ASSAY_ENDPOINT": server,
            "ASSAY_TOKEN": token_of(bob),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
    )
    assert (sent.status, entered.status) == (0, 0), sent.err + entered.err
    submission = Submission.objects.get(pk=json.loads(entered.out)["id"])
    scored = evaluate(submission.evaluations.get(split="public"))
    win(contest, now, evaluate)
    loaded = python(charlie)(LOGITS, "bob/winner")

    assert scored.total == 30
    assert submission.model.card == "# Router"
    assert loaded.status == 0, loaded.err
    assert json.loads(loaded.out) == json.loads(local.out)


def win(
    contest: Competition,
    now: datetime,
    evaluate: Callable[[Evaluation], Evaluation],
) -> None:
    """Pass the deadline; the private evaluation and its repetition run too."""
    later = now + timedelta(days=8)
    Evaluation.objects.filter(competition=contest, submission=None).update(score=0.0)
    lifecycle.advance(competition=contest, now=later)
    evaluate(contest.evaluations.get(split="private", submission__isnull=False))
    lifecycle.advance(competition=contest, now=later)
    for repetition in contest.evaluations.filter(repeat=1):
        evaluate(repetition)
    contest.refresh_from_db()
    lifecycle.advance(competition=contest, now=later)
    contest.refresh_from_db()
    assert contest.status == Competition.Status.SETTLED


def test_an_adapter_is_loaded_from_a_repository_by_peft(
    hf: Client, python: Client, server: str, bob: User, tmp_path: Path
) -> None:
    base = tiny.save_llama(tmp_path / "base")
    adapter = tiny.save_adapter(tmp_path / "adapter", base)
    local = python(bob)(ADAPTED, base, adapter)

    sent = hf(bob)("upload", "bob/adapter", adapter, "-q")
    loaded = python(bob)(ADAPTED, base, "bob/adapter")

    assert sent.status == 0, sent.err
    assert loaded.status == 0, loaded.err
    assert json.loads(loaded.out) == json.loads(local.out)
