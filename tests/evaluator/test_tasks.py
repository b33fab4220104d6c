import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.protocol.errors import Unavailable
from assay.protocol.receipts import root_of
from assay.protocol.scoring import Output, outputs_digest
from evaluator import engine
from evaluator.blobs import BlobCache
from evaluator.evaluation import BEAT_SECONDS, Pulse, evaluate
from evaluator.job import JailFailed, Job, Limits, Measured, ModelFailed, Outcome, Usage
from evaluator.server import Server
from evaluator.settings import read_settings
from evaluator.tasks import evaluate_task
from tests.evaluator.engine import tiny
from tests.evaluator.platform import LEASE, TOKEN, Platform, open_platform

USAGE = Usage(cpu_seconds=1.5, wall_seconds=2.0, peak_bytes=1000)
OUTPUTS = (Output("q0", (-0.1, -2.5)), Output("q1", (-1.0, -1.0 / 3.0)))
MEASURED = Measured(OUTPUTS, USAGE, "float32-1/test")
SEED = bytes(range(32))
INPUTS = b'{"id": "q0", "context": "a", "choices": ["b"]}\n'

Progress = Callable[[int, int], bool]


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    model, base = tmp_path / "model", tmp_path / "base"
    for folder, text in ((model, "tuned"), (base, "base")):
        folder.mkdir()
        (folder / "model.safetensors").write_text(text * 100_000)
        (folder / "config.json").write_text("{}")
    with open_platform() as platform:
        platform.offer(model=model, base=base, inputs=INPUTS)
        yield platform


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def cache(tmp_path: Path) -> BlobCache:
    return BlobCache(tmp_path / "cache", most_bytes=10**9)


@pytest.fixture
def server(platform: Platform, pauses: list[float]) -> Iterator[Server]:
    with Server(platform.endpoint, TOKEN, "request-7", pauses.append) as server:
        yield server


def ending_in(outcome: Outcome, seen: list[Job] | None = None) -> Callable:
    """A stand-in for the jail's outcome, where only what follows it is of interest."""

    def contain(job: Job, limits: Limits, on_progress: Progress) -> Outcome:
        if seen is not None:
            seen.append(job)
        on_progress(1, 2)
        return outcome

    return contain


def test_outputs_are_returned_with_every_bit_and_their_digest(
    platform: Platform, server: Server, cache: BlobCache
):
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    [body] = platform.said("outputs")
    assert body["lease"] == LEASE
    assert body["digest"] == outputs_digest(OUTPUTS)
    assert body["receipt"]["document"]["root"] == root_of(OUTPUTS)
    assert body["engine_version"] == "float32-1/test"
    assert body["usage"] == {
        "cpu_seconds": 1.5,
        "wall_seconds": 2.0,
        "peak_bytes": 1000,
    }
    rows = {
        row["id"]: tuple(map(float.fromhex, row["scores"])) for row in body["outputs"]
    }
    assert rows == {"q0": (-0.1, -2.5), "q1": (-1.0, -1.0 / 3.0)}
    assert platform.said("failure") == []


def test_the_job_reads_the_files_that_the_lease_names(
    platform: Platform, server: Server, cache: BlobCache
):
    read: dict[str, object] = {}

    def contain(job: Job, limits: Limits, on_progress: Progress) -> Outcome:
        read["model"] = (job.model_dir / "model.safetensors").read_text()[:5]
        read["tokenizer"] = (job.tokenizer_dir / "model.safetensors").read_text()[:4]
        read["inputs"] = job.inputs.read_bytes()
        read["base"] = job.base_dir
        read["limits"] = limits
        return MEASURED

    evaluate("e1", server=server, cache=cache, contain=contain, seed=SEED)

    assert read == {
        "model": "tuned",
        "tokenizer": "base",
        "inputs": INPUTS,
        "base": None,
        "limits": Limits(memory_bytes=4 << 30, cpu_seconds=60, wall_seconds=240),
    }


def test_an_adapter_is_run_on_its_base(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.job["adapter"] = True
    seen: list[Job] = []

    evaluate(
        "e1", server=server, cache=cache, contain=ending_in(MEASURED, seen), seed=SEED
    )

    assert seen[0].base_dir == seen[0].tokenizer_dir


def test_a_second_evaluation_downloads_nothing_again(
    platform: Platform, server: Server, cache: BlobCache
):
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)
    first = len(platform.fetched)
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    # both folders hold the same config.json
    assert (first, len(platform.fetched)) == (4, 4)


def test_job_folders_are_gone_afterwards(
    platform: Platform, server: Server, cache: BlobCache
):
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    assert sorted(p.name for p in cache.folder.iterdir()) == sorted(platform.blobs)


def test_a_model_failure_counts_as_the_models(
    platform: Platform, server: Server, cache: BlobCache
):
    failed = ModelFailed("scores_not_finite", "No number.", USAGE)

    evaluate("e1", server=server, cache=cache, contain=ending_in(failed), seed=SEED)

    [body] = platform.said("failure")
    assert (body["fault"], body["code"], body["sentence"]) == (
        "model",
        "scores_not_finite",
        "No number.",
    )
    assert body["usage"]["cpu_seconds"] == 1.5


def test_a_jail_failure_counts_as_the_platforms(
    platform: Platform, server: Server, cache: BlobCache
):
    failed = JailFailed("layer_missing", "No seccomp.")

    evaluate("e1", server=server, cache=cache, contain=ending_in(failed), seed=SEED)

    [body] = platform.said("failure")
    assert (body["fault"], body["code"]) == ("platform", "layer_missing")


@pytest.mark.parametrize("status", [404, 409])
def test_an_evaluation_that_is_not_to_be_had_is_left_alone(
    platform: Platform, server: Server, cache: BlobCache, status: int
):
    platform.failures["lease"] = [status]
    seen: list[Job] = []

    evaluate(
        "e1", server=server, cache=cache, contain=ending_in(MEASURED, seen), seed=SEED
    )

    assert (seen, {verb for verb, _ in platform.heard}) == ([], {"keys"})


def test_a_lease_lost_on_the_way_stops_the_run_and_returns_nothing(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.failures["heartbeat"] = [409]
    told: list[bool] = []

    def contain(job: Job, limits: Limits, on_progress: Progress) -> Outcome:
        told.append(on_progress(1, 2))
        return JailFailed("stopped", "The lease was lost.")

    evaluate("e1", server=server, cache=cache, contain=contain, seed=SEED)

    assert (told, platform.said("outputs"), platform.said("failure")) == ([], [], [])


def test_a_lost_lease_stays_lost(platform: Platform, server: Server):
    platform.failures["heartbeat"] = [409]
    pulse = Pulse(server, server.lease("e1"))

    assert [pulse(1, 2), pulse(2, 2)] == [False, False]


def test_outputs_for_a_lost_lease_are_dropped_in_silence(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.failures["outputs"] = [409]

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    assert platform.said("failure") == []


def test_outputs_that_the_platform_refuses_are_the_platforms_fault(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.failures["outputs"] = [422]

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    [body] = platform.said("failure")
    assert (body["fault"], body["code"]) == ("platform", "said_422")


@pytest.mark.parametrize("verb", ["lease", "outputs", "blob"])
@pytest.mark.parametrize("failure", [0, 429, 500, 503])
def test_a_request_that_fails_on_the_way_is_sent_again(
    platform: Platform,
    server: Server,
    cache: BlobCache,
    pauses: list[float],
    verb: str,
    failure: int,
):
    platform.failures[verb] = [failure, failure]

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    assert len(platform.said("outputs")) == 1
    assert pauses == [0.5, 1.0]


def test_a_platform_that_stays_away_leaves_the_lease_to_lapse(
    platform: Platform, server: Server, cache: BlobCache, pauses: list[float]
):
    platform.failures["outputs"] = [503] * 9

    with pytest.raises(Unavailable):
        evaluate(
            "e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED
        )

    assert pauses == [0.5, 1.0, 2.0, 4.0]
    assert platform.said("failure") == []


def test_a_missed_heartbeat_does_not_end_the_run(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.failures["heartbeat"] = [503]

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    assert len(platform.said("outputs")) == 1


def test_heartbeats_tell_progress_at_a_steady_pace(platform: Platform, server: Server):
    times = iter([0.0, 0.0, 0.0, 0.5, BEAT_SECONDS, BEAT_SECONDS])
    pulse = Pulse(server, server.lease("e1"), clock=lambda: next(times))

    pulse(1, 9)
    pulse(2, 9)
    pulse(3, 9)

    beats = [(beat["done"], beat["total"]) for beat in platform.said("heartbeat")]
    assert beats == [(1, 9), (3, 9)]


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    platform: Platform, server: Server, cache: BlobCache
):
    platform.cut = 70_000

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    for sha256, content in platform.blobs.items():
        assert (cache.folder / sha256).read_bytes() == content
    assert len(platform.fetched) == 5


@pytest.mark.parametrize("content", [b"tampered!", b"tampered, and longer"])
def test_a_file_with_another_digest_never_enters_the_cache(
    platform: Platform, server: Server, cache: BlobCache, content: bytes
):
    named = platform.store(b"original!")
    platform.blobs[named["sha256"]] = content
    platform.job["inputs"] = named
    seen: list[Job] = []

    with pytest.raises(Unavailable) as caught:
        evaluate(
            "e1",
            server=server,
            cache=cache,
            contain=ending_in(MEASURED, seen),
            seed=SEED,
        )

    assert caught.value.code == "blob_broken"
    assert seen == []
    assert not (cache.folder / named["sha256"]).exists()


def test_a_path_that_leads_out_of_the_job_is_not_written(
    platform: Platform, server: Server, cache: BlobCache, tmp_path: Path
):
    platform.job["model_files"][0]["path"] = "../../../escaped"

    with pytest.raises(Exception, match="lease cannot be read"):
        evaluate(
            "e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED
        )

    assert not list(tmp_path.rglob("escaped"))


def test_a_file_that_the_platform_lost_is_the_platforms_fault(
    platform: Platform, server: Server, cache: BlobCache
):
    del platform.blobs[platform.job["inputs"]["sha256"]]

    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    [body] = platform.said("failure")
    assert (body["fault"], body["code"]) == ("platform", "blob_unknown")


def test_trimming_drops_what_was_used_least_lately(tmp_path: Path):
    cache = BlobCache(tmp_path / "cache", most_bytes=25)
    for age, name in enumerate(["newest", "middle", "oldest"]):
        path = cache.folder / name
        path.write_bytes(b"0123456789")
        os.utime(path, (10_000 - age, 10_000 - age))

    cache.trim()

    assert sorted(p.name for p in cache.folder.iterdir()) == ["middle", "newest"]


def test_trimming_drops_what_killed_workers_left_behind(tmp_path: Path):
    cache = BlobCache(tmp_path / "cache", most_bytes=10**9)
    for name in ("job-dead", "job-alive"):
        (cache.folder / name / "model").mkdir(parents=True)
    for name in ("dead.1.part", "alive.2.part"):
        (cache.folder / name).write_bytes(b"half")
    os.utime(cache.folder / "job-dead", (1, 1))
    os.utime(cache.folder / "dead.1.part", (1, 1))

    cache.trim()

    left = sorted(p.name for p in cache.folder.iterdir())
    assert left == ["alive.2.part", "job-alive"]


def test_every_request_carries_the_request_id(
    platform: Platform, server: Server, cache: BlobCache
):
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    assert platform.request_ids == {"request-7"}


def test_missing_settings_are_named():
    with pytest.raises(Unavailable, match="ASSAY_EVALUATOR_TOKEN is not set"):
        read_settings({"ASSAY_ENDPOINT": "http://127.0.0.1:1"})


def test_the_token_may_lie_in_a_file(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("secret\n")

    settings = read_settings(
        {"ASSAY_ENDPOINT": "http://a/", "ASSAY_EVALUATOR_TOKEN_FILE": str(file)}
    )

    assert (settings.endpoint, settings.token) == ("http://a", "secret")


def test_the_cache_that_nobody_named_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told = {"ASSAY_ENDPOINT": "http://a", "ASSAY_EVALUATOR_TOKEN": "t"}

    cache = read_settings(told).cache

    assert (cache.parent, cache.stat().st_mode & 0o777) == (tmp_path, 0o700)
    cache.chmod(0o777)
    with pytest.raises(Unavailable, match="is not ours"):
        read_settings(told)


def test_the_task_leaves_quietly_when_the_platform_refuses_it(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASSAY_ENDPOINT", platform.endpoint)
    monkeypatch.setenv("ASSAY_EVALUATOR_TOKEN", "wrong")
    monkeypatch.setenv("ASSAY_EVALUATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ASSAY_EVALUATOR_KEY_FILE", str(tmp_path / "key"))

    result = evaluate_task.apply(kwargs={"evaluation_id": "e1"})

    assert result.successful()
    assert platform.heard == []


@pytest.mark.jail
def test_the_task_scores_a_real_model_in_the_real_jail(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = tiny.save_llama(tmp_path / "llama")
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.questions())
    platform.offer(model=model, base=model, inputs=inputs.read_bytes())
    monkeypatch.setenv("ASSAY_ENDPOINT", platform.endpoint)
    monkeypatch.setenv("ASSAY_EVALUATOR_TOKEN", TOKEN)
    monkeypatch.setenv("ASSAY_EVALUATOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ASSAY_EVALUATOR_KEY_FILE", str(tmp_path / "key"))

    result = evaluate_task.apply(kwargs={"evaluation_id": "e1"})

    assert result.successful()
    assert platform.said("failure") == []
    [body] = platform.said("outputs")
    engine.run(tiny.choice_job(model, inputs), tmp_path / "plain.jsonl")
    plain = [json.loads(line) for line in (tmp_path / "plain.jsonl").open()]
    assert body["outputs"] == plain
    assert body["engine_version"] == engine.ENGINE_VERSION


def test_blobs_are_named_by_their_sha256(
    platform: Platform, server: Server, cache: BlobCache
):
    evaluate("e1", server=server, cache=cache, contain=ending_in(MEASURED), seed=SEED)

    for path in cache.folder.iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
