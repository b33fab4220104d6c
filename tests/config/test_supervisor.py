"""The supervisor starts everything, restarts what dies and ends all of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.stack import Stack, preflight, readiness
from config.stack.children import wait_until
from config.stack.layout import ROOT
from tests.config.processes import (
    PROGRAMS,
    Supervisor,
    are_gone,
    descendants_of,
    environment,
)

PATIENCE = 60


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack inside this process, as the demo and browser tests start it."""
    var = tmp_path_factory.mktemp("stack") / "var"
    with Stack(var=var, port=0, env=environment(var)) as stack:
        yield stack


def is_ready(stack: Stack) -> bool:
    return readiness.ask(stack.port).ready


def test_every_program_runs(stack: Stack) -> None:
    assert set(stack.pids()) == PROGRAMS


def test_sockets_and_secrets_are_for_this_user_alone(stack: Stack) -> None:
    layout = stack.layout

    modes = [path.stat().st_mode & 0o777 for path in (layout.run, layout.socket)]

    assert modes == [0o700, 0o700]


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    second = Supervisor(stack.layout.var)

    assert second.process.wait(timeout=PATIENCE) == 1
    assert second.words.read_text().splitlines()[1:] == [
        (
            f"Error: Another stack (process {os.getpid()}, {stack.url}) runs on "
            f"{stack.layout.var}. Stop it, or set ASSAY_VAR and ASSAY_PORT for a "
            "second one."
        )
    ]
    assert is_ready(stack)


def test_without_its_broker_it_is_not_ready_until_that_is_back(stack: Stack) -> None:
    valkey = stack.pids()["valkey"]

    os.kill(valkey, signal.SIGKILL)

    assert wait_until(lambda: not is_ready(stack), seconds=PATIENCE)
    assert "The broker does not answer" in readiness.ask(stack.port).sentence
    assert wait_until(lambda: is_ready(stack), seconds=PATIENCE)
    assert stack.pids()["valkey"] != valkey


def test_work_goes_on_after_the_broker_was_gone(stack: Stack) -> None:
    seen = readiness.ask(stack.port).worker_seen_at

    assert seen
    assert wait_until(
        lambda: (now := readiness.ask(stack.port).worker_seen_at) and now > seen,
        seconds=PATIENCE,
    )


def test_a_killed_worker_is_started_again_without_its_old_processes(
    stack: Stack,
) -> None:
    worker = stack.pids()["platform"]
    pool = descendants_of(worker)

    os.kill(worker, signal.SIGKILL)

    assert pool
    assert wait_until(
        lambda: stack.pids().get("platform", worker) != worker, seconds=PATIENCE
    )
    assert are_gone([worker, *pool])


def test_a_program_run_against_a_stack_has_its_environment(stack: Stack) -> None:
    script = "import os; print(os.environ['ASSAY_VAR'], os.environ['ASSAY_ENDPOINT'])"

    lines = stack.run("question", "-c", script)

    assert lines == [f"{stack.layout.var} {stack.url}"]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor on a new folder, ready."""
    supervisor = Supervisor(tmp_path / "var")
    supervisor.wait_ready()
    yield supervisor
    supervisor.end(signal.SIGKILL)


def manage(var: Path, *arguments: str, **changes: str) -> str:
    """Run ``manage.py`` on a folder; returns what it printed."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(var, **changes),
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def test_ctrl_c_ends_everything_and_the_next_start_finds_all_data(
    supervisor: Supervisor,
) -> None:
    var, family = supervisor.var, supervisor.family()
    broker = redis.Redis(unix_socket_path=str(var / "run" / "valkey.sock"))
    alice = ("createsuperuser", "--noinput", "--username=alice", "--email=a@b.org")
    manage(var, *alice, DJANGO_SUPERUSER_PASSWORD="a quiet afternoon")
    broker.lpush("waiting", "work")

    assert supervisor.end(signal.SIGINT) == 0
    assert are_gone(family)
    assert len(family) >= 2 * len(PROGRAMS)

    second = Supervisor(var)
    try:
        second.wait_ready()
        assert broker.lrange("waiting", 0, -1) == [b"work"]
        people = "from accounts.models import User as U; print(list(U.objects.all()))"
        assert "alice" in manage(var, "shell", "-v0", "-c", people)
    finally:
        second.end(signal.SIGTERM)


def test_a_demo_that_was_cut_off_is_named_at_the_next_start(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "run").mkdir(parents=True)
    (var / "run" / "seeding").touch()

    supervisor = Supervisor(var)
    supervisor.wait_ready()

    try:
        told = f"remove {var} and start again"
        assert wait_until(lambda: told in supervisor.words.read_text(), seconds=20)
    finally:
        supervisor.end(signal.SIGTERM)


def test_a_killed_supervisor_leaves_no_process_and_no_lock(
    supervisor: Supervisor,
) -> None:
    family, port = supervisor.family(), supervisor.port
    layout = Stack(var=supervisor.var).layout

    supervisor.end(signal.SIGKILL)
    lock = preflight.claim_lock(layout)
    listener = preflight.claim_port(port)

    assert wait_until(lambda: are_gone(family), seconds=5)
    listener.close()
    lock.close()
