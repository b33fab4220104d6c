"""Whose fault it was, what it used, and that it ends."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.jail.program import ENGINE
from evaluator.jail.run import run_program
from evaluator.job import JailFailed, Measured, ModelFailed
from tests.evaluator.jail.conftest import LIMITS, always, jailed, make_job, program

pytestmark = pytest.mark.jail


def test_an_honest_run_is_measured(job):
    outcome = jailed("honest", job)

    assert isinstance(outcome, Measured), outcome
    assert [(o.id, o.scores) for o in outcome.outputs] == [
        ("a", (-0.5, -1.0)),
        ("b", (-0.5, -1.0)),
    ]
    assert outcome.engine_version == "hostile-1"
    assert 0 < outcome.usage.cpu_seconds < 20
    assert outcome.usage.peak_bytes > 1 << 20


def test_progress_reaches_the_caller_while_the_run_goes_on(job):
    heard = []

    def until_known(done, total):
        heard.append((done, total))
        return (done, total) != (1, 9)

    outcome = jailed("sleep", job, on_progress=until_known)

    assert heard[-1] == (1, 9)
    assert outcome == JailFailed(
        "stopped", "The run was stopped because its lease was lost."
    )


def test_the_last_progress_is_told_when_the_run_has_ended(job):
    heard = []

    jailed("honest", job, on_progress=lambda *counts: heard.append(counts) or True)

    assert heard[-1] == (2, 2)


def test_a_run_is_ended_however_early(job):
    outcome = jailed("sleep", job, on_progress=lambda _done, _total: False)

    assert isinstance(outcome, JailFailed)
    assert outcome.code == "stopped"


def test_what_the_caller_raises_ends_the_run_and_comes_out(job):
    def fail(_done, _total):
        raise LookupError("lost")

    with pytest.raises(LookupError):
        jailed("sleep", job, on_progress=fail)


@pytest.mark.parametrize(
    ("name", "limits", "code"),
    [
        ("sleep", {"wall_seconds": 1}, "wall_limit"),
        ("burn", {"cpu_seconds": 1}, "cpu_limit"),
        ("eat_memory", {"memory_bytes": 128 << 20}, "memory_limit"),
        ("flood", {}, "output_limit"),
        ("flood_errors", {}, "output_limit"),
        ("crash", {}, "crashed"),
        ("leave", {}, "crashed"),
        ("break_down", {}, "crashed"),
        ("blame_model", {}, "weights_missing"),
    ],
)
def test_the_model_is_to_blame(name, limits, code, job):
    outcome = jailed(name, job, **limits)

    assert isinstance(outcome, ModelFailed), outcome
    assert outcome.code == code
    assert (
        outcome.sentence.endswith(("layer.", "mismatch")) or outcome.sentence[-1] == "."
    )


def test_inputs_that_cannot_be_read_are_not_the_models_fault(job):
    outcome = jailed("blame_inputs", job)

    assert outcome == JailFailed("inputs_unreadable", "Line 3 cannot be read.")


def test_a_run_that_is_killed_reports_what_it_used(job):
    outcome = jailed("burn", job, wall_seconds=1)

    assert isinstance(outcome, ModelFailed)
    assert outcome.usage.cpu_seconds > 0.2
    assert outcome.usage.wall_seconds >= 1


def test_lies_on_the_channel_change_nothing(job):
    outcome = jailed("lie", job)

    assert isinstance(outcome, Measured), outcome
    assert outcome.engine_version == "hostile-1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"id": "a", "scores": ["nan"]}', "scores_not_finite"),
        ('{"id": "a", "scores": ["0x1p+0"]', "outputs_malformed"),
    ],
)
def test_outputs_are_read_with_suspicion(text, code, tmp_path):
    outcome = jailed("write_given", make_job(tmp_path, text=text))

    assert isinstance(outcome, ModelFailed), outcome
    assert outcome.code == code


def test_outputs_cannot_grow_past_their_limit(tmp_path):
    outcome = jailed("write_much", make_job(tmp_path, size=LIMITS.file_bytes + 1))

    assert isinstance(outcome, ModelFailed), outcome
    assert "File too large" in outcome.sentence


def test_a_missing_model_is_not_the_models_fault(job, tmp_path):
    outcome = jailed("honest", replace(job, model_dir=tmp_path / "nowhere"))

    assert isinstance(outcome, JailFailed)
    assert outcome.code == "job_unreadable"


def test_a_program_that_cannot_be_imported_is_not_the_models_fault(job):
    outcome = jailed("nothing_of_the_kind", job)

    assert isinstance(outcome, JailFailed)
    assert outcome.code == "jail_broken"
    assert "nothing_of_the_kind" in outcome.sentence


def test_links_in_a_model_folder_lead_to_their_files(job, tmp_path):
    blob = tmp_path / "blob"
    blob.write_text("{}")
    (job.model_dir / "linked.json").symlink_to(blob)

    outcome = jailed("honest", job)

    assert isinstance(outcome, Measured), outcome


def test_files_that_only_their_owner_may_read_are_read(job):
    for path in (job.inputs, job.model_dir / "config.json"):
        path.chmod(0o600)
    job.model_dir.chmod(0o700)

    outcome = jailed("honest", job)

    assert isinstance(outcome, Measured), outcome


def test_a_killed_supervisor_takes_the_jail_along(job, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(job.inputs.parent))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.evaluator.jail.conftest import jailed, make_job\n"
        "say = lambda done, total: print(done, total, flush=True) or True\n"
        "jailed('sleep', make_job(Path(sys.argv[2])), on_progress=say)\n"
    )
    folder = job.inputs.parent
    environment = {**os.environ, "TMPDIR": str(folder)}
    told = {"stdout": subprocess.PIPE, "text": True, "env": environment}
    command = [sys.executable, "-c", script, str(Path.cwd()), str(folder)]
    with subprocess.Popen(command, **told) as supervisor:
        while supervisor.stdout.readline().split() != ["1", "9"]:
            assert supervisor.poll() is None
        family = _descendants(supervisor.pid)
        assert list(folder.glob("assay-jail-*"))
        supervisor.kill()

    assert len(family) >= 3  # bubblewrap outside, bubblewrap inside, the program
    deadline = time.monotonic() + 10
    while any(map(_runs, family)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(_runs, family))
    jailed("honest", job)  # the next run clears away what was left
    assert not list(folder.glob("assay-jail-*"))


def _descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [c for child in children for c in (int(child), *_descendants(child))]


def _runs(pid):
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


@pytest.mark.model
def test_torch_computes_behind_the_sealed_filter(job):
    header = json.dumps(
        {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    )
    weights = struct.pack("<Q", len(header)) + header.encode()
    weights += struct.pack("<6f", 1, 0, 0, 0, 1, 1)
    (job.model_dir / "model.safetensors").write_bytes(weights)
    big = program("big_world", preload=ENGINE.preload)

    outcome = run_program(big, job, replace(LIMITS, memory_bytes=1 << 30), always)

    assert isinstance(outcome, Measured), outcome
    assert outcome.outputs[0].scores == (1.0, 5.0)
