"""A receipt of the real engine is repeated in another process; lies are found."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.models import User
from assay.protocol.scoring import Output, outputs_digest
from catalogue.models import Model
from common import clock
from competitions.models import Competition, Submission
from competitions.services import measuring, revealing
from evaluator.engine import ENGINE_VERSION, run
from evaluator.job import Job
from storage.blobs import open_blob
from tests.builders import world
from tests.builders.tiny_models import bert_base
from tests.commands.conftest import Shell
from tests.evaluator.engine import tiny

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.model]

USAGE = {"cpu_seconds": 1.0, "wall_seconds": 1.0, "peak_bytes": 1}
Entry = Callable[..., Submission]


@pytest.fixture
def base(charlie: User, tmp_path: Path, server: str) -> Model:
    """A real little BERT of Charlie's, with its tokenizer."""
    return bert_base(charlie, tmp_path / "base", clock.now())


@pytest.fixture
def contest(alice: User, base: Model) -> Competition:
    """Alice's competition on it."""
    options = {"labels": world.LABELS, "max_tokens": 32}
    return world.open_competition(alice, base, clock.now(), task_options=options)


def said_by_the_engine(made: Submission, folder: Path) -> list[Output]:
    """What the model says of the hidden inputs, in this process."""
    competition = made.competition
    inputs = folder / "inputs.jsonl"
    with open_blob(competition.splits.get(name="public").inputs_id) as content:
        inputs.write_bytes(content.read())
    job = Job(
        task_type=competition.task_type,
        options=competition.task_options,
        model_dir=folder / "trained",
        base_dir=None,
        inputs=inputs,
        tokenizer_dir=folder / "base",
    )
    run(job, folder / "outputs.jsonl")
    rows = map(json.loads, (folder / "outputs.jsonl").read_text().splitlines())
    return [Output(r["id"], tuple(map(float.fromhex, r["scores"]))) for r in rows]


def hand_in(made: Submission, said: Sequence[Output]) -> None:
    moment = clock.now()
    job = world.lease(made.evaluations.get(), moment)
    receipt = world.receipt(job, said, usage=USAGE, at=moment, engine=ENGINE_VERSION)
    measuring.record_outputs(
        evaluation_id=job.evaluation,
        lease=job.lease,
        outputs=said,
        digest=outputs_digest(said),
        engine_version=ENGINE_VERSION,
        usage=USAGE,
        certificate=receipt,
        now=moment,
    )


@pytest.fixture
def entered(bob: User, contest: Competition, tmp_path: Path) -> Submission:
    folder = tiny.save_bert(tmp_path / "trained", seed=2)
    (folder / "tokenizer.json").unlink()
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    return world.submit(
        bob, contest, clock.now(), seed=1, files=world.stored(bob, files)
    )


@pytest.fixture
def honest(entered: Submission, tmp_path: Path) -> Submission:
    """Evaluated as the platform does; its split is hidden."""
    hand_in(entered, said_by_the_engine(entered, tmp_path))
    return entered


@pytest.fixture
def forged(entered: Submission, tmp_path: Path) -> Submission:
    """The evaluator changed the last bit of one example before it signed."""
    said = said_by_the_engine(entered, tmp_path)
    first, *rest = said[3].scores
    bits = float.fromhex(first.hex()) * (1 + 2**-52)
    said[3] = replace(said[3], scores=(bits, *rest))
    hand_in(entered, said)
    return entered


def reveal(competition: Competition) -> None:
    Competition.objects.filter(pk=competition.pk).update(status="settled")
    competition.refresh_from_db()
    revealing.reveal(
        competition=competition, actor=competition.sponsor, now=clock.now()
    )


@pytest.fixture
def bobs(as_user: Callable[[User], Shell], bob: User) -> Shell:
    return as_user(bob)


def fetched(bobs: Shell, made: Submission) -> None:
    assert bobs("receipt", "get", made.pk, "-o", "r.json").status == 0


def test_a_sample_and_the_whole_come_out_equal_to_the_bit_with_the_score(
    bobs: Shell, honest: Submission
) -> None:
    fetched(bobs, honest)
    reveal(honest.competition)

    sample = bobs("--format", "json", "receipt", "recompute", "r.json", "--seed", "7",
                  "--sample", 5)  # fmt: skip
    whole = bobs("--format", "json", "receipt", "recompute", "r.json", "--all")

    assert (sample.status, whole.status) == (0, 0), sample.err + whole.err
    assert (sample.json["repeated"], sample.json["seed"]) == (5, "7")
    assert (whole.json["repeated"], whole.json["examples"]) == (30, 30)
    assert whole.json["score"] == honest.evaluations.get().score


def test_one_changed_bit_is_found_and_shown(bobs: Shell, forged: Submission) -> None:
    fetched(bobs, forged)
    reveal(forged.competition)

    ran = bobs("--format", "json", "receipt", "recompute", "r.json")

    assert ran.status == 3
    assert (
        json.loads(ran.err[ran.err.index("{") :])["error"]["code"] == "receipt_refuted"
    )
    [row] = ran.json["items"] if isinstance(ran.json, dict) else ran.json
    assert row["id"] == "public-3"
    assert row["here"] != row["receipt"]


def test_hidden_inputs_are_a_clear_no_and_who_has_them_repeats_all(
    bobs: Shell, honest: Submission, tmp_path: Path
) -> None:
    fetched(bobs, honest)
    hidden = bobs("receipt", "recompute", "r.json")
    have = ("--inputs", tmp_path / "inputs.jsonl")
    single = bobs("receipt", "recompute", "r.json", "--sample", 2, *have)
    whole = bobs("receipt", "recompute", "r.json", "--all", *have)

    assert (hidden.status, hidden.code) == (3, "inputs_hidden")
    assert (single.status, single.code) == (3, "outputs_hidden")
    assert whole.status == 0, whole.err


def test_a_lie_about_all_is_found_without_the_outputs(
    bobs: Shell, forged: Submission, tmp_path: Path
) -> None:
    fetched(bobs, forged)
    ran = bobs("receipt", "recompute", "r.json", "--all", "--inputs",
               tmp_path / "inputs.jsonl")  # fmt: skip
    assert (ran.status, ran.code) == (3, "receipt_refuted")


def test_another_instruction_set_is_not_compared(
    bobs: Shell, honest: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(bobs, honest)
    reveal(honest.competition)
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    ran = bobs("receipt", "recompute", "r.json")
    assert (ran.status, ran.code) == (3, "engine_differs")
    assert "-default" in ran.err


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_changes_no_bit(
    bobs: Shell, honest: Submission, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    fetched(bobs, honest)
    reveal(honest.competition)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, threads)
    ran = bobs("receipt", "recompute", "r.json", "--all")
    assert ran.status == 0, ran.err


def test_other_weights_and_other_inputs_are_refused_by_name(
    bobs: Shell, honest: Submission, home: Path
) -> None:
    fetched(bobs, honest)
    reveal(honest.competition)
    other = tiny.save_bert(home / "other", seed=3)
    weights = bobs("receipt", "recompute", "r.json", "--model", other)
    (home / "in.jsonl").write_text('{"id": "x"}\n')
    inputs = bobs("receipt", "recompute", "r.json", "--inputs", home / "in.jsonl")
    assert (weights.code, inputs.code) == ("receipt_of_something_else",) * 2
    assert "weights" in weights.err
    assert "data" in inputs.err


def test_weights_that_are_not_published_are_a_clear_no(
    anyone: Shell, bobs: Shell, honest: Submission
) -> None:
    fetched(bobs, honest)
    reveal(honest.competition)
    ran = anyone("receipt", "recompute", "r.json")
    assert (ran.status, ran.code) == (3, "weights_hidden")


def test_a_receipt_by_itself_does_not_say_of_what_it_is(
    bobs: Shell, honest: Submission, home: Path
) -> None:
    fetched(bobs, honest)
    alone = json.loads((home / "r.json").read_text())["receipt"]
    (home / "alone.json").write_text(json.dumps(alone))
    assert bobs("receipt", "verify", "alone.json").status == 0
    assert bobs("receipt", "recompute", "alone.json").code == "receipt_alone"
