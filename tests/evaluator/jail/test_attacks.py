"""Code that runs in the sealed jail tries to get out, or to use up the host."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from evaluator.jail.attacking import BATTERY, attack_all
from evaluator.jail.attacking import LETHAL as LETHAL_PROGRAM
from evaluator.jail.battery import LETHAL, SURVIVED
from evaluator.jail.run import run_program
from evaluator.job import Measured, ModelFailed
from tests.evaluator.jail.conftest import LIMITS, always, make_job

pytestmark = pytest.mark.jail

# safe to try on the host itself, where nothing should stop them
OUTSIDE = [
    "tcp", "unix_abstract", "unix_path", "socketpair", "users_file", "labels_file",
    "host_folder", "neighbour_of_inputs", "own_environment", "environment_of_parent",
    "signal_to_host", "other_descriptors", "fork", "shell", "anonymous_executable",
    "threads", "descriptors", "private_memory", "shared_memory", "file_size",
    "write_in_tmp", "write_host", "mounts", "machine_id", "session", "pidfd",
    "dumpable", "shared_segment",
]  # fmt: skip


@pytest.fixture(scope="module")
def held(host, tmp_path_factory):
    """What each attack of the battery reached, from one run in the jail."""
    os.environ["ASSAY_TEST_SECRET"] = host["secret"]
    with Path(host["labels"]).open("rb") as labels:
        os.set_inheritable(labels.fileno(), True)
        job = make_job(tmp_path_factory.mktemp("job"), **host)
        outcome = run_program(BATTERY, job, LIMITS, always)
    del os.environ["ASSAY_TEST_SECRET"]
    assert isinstance(outcome, Measured), outcome
    return {output.id: output.scores[0] for output in outcome.outputs}


@pytest.fixture(scope="module")
def reached_outside(host, tmp_path_factory):
    """The same attacks with nothing in their way."""
    out = tmp_path_factory.mktemp("outside") / "outputs"
    out.touch()
    script = (
        "import json, sys, os; sys.path.insert(0, sys.argv[1])\n"
        "from evaluator.jail.battery import SURVIVED, attempt\n"
        "context = json.loads(sys.argv[2])\n"
        "for name in json.loads(sys.argv[3]):\n"
        "    print(name, attempt(SURVIVED[name], context))\n"
    )
    context = json.dumps({**host, "out": str(out)})
    with Path(host["labels"]).open("rb") as labels:
        said = subprocess.run(
            [sys.executable, "-c", script, Path.cwd(), context, json.dumps(OUTSIDE)],
            capture_output=True,
            text=True,
            env={"ASSAY_TEST_SECRET": host["secret"]},
            pass_fds=[labels.fileno()],
            check=True,
        ).stdout
    return dict(line.split() for line in said.splitlines())


@pytest.mark.parametrize("attack", SURVIVED)
def test_the_jail_stops(attack, held):
    assert held[attack] == 0.0


@pytest.mark.parametrize("attack", OUTSIDE)
def test_without_the_jail_the_attack_works(attack, reached_outside):
    assert reached_outside[attack] == "1.0"


@pytest.mark.parametrize("attack", LETHAL)
def test_a_call_that_no_model_needs_ends_the_run(attack, tmp_path):
    job = make_job(tmp_path, attack=attack, pid=os.getpid())

    outcome = run_program(LETHAL_PROGRAM, job, LIMITS, always)

    assert isinstance(outcome, ModelFailed), outcome
    assert outcome.code == "forbidden_call"


def test_the_doctor_tells_of_every_attack_and_which_layer_stopped_it():
    reports = attack_all()

    by_name = {one.name: one.stopped_by for one in reports}
    assert by_name.keys() == {*SURVIVED, *LETHAL}
    assert len(by_name) >= 50
    assert "" not in by_name.values()
    assert by_name["labels_file"] == by_name["tcp"] == "namespaces"
    assert by_name["ptrace"] == by_name["fork"] == "seccomp"
    assert by_name["private_memory"] == "limits"


def test_the_command_prints_them_and_ends_well(capsys: pytest.CaptureFixture[str]):
    call_command("doctor", json=True)

    said = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in said["layers"]} >= {"namespaces", "seccomp"}
    assert all(one["stopped_by"] for one in said["attacks"])
