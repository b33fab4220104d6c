import os
import socket
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.jail.program import Program
from evaluator.jail.run import run_program
from evaluator.job import Job, Limits

HOSTILE = Path(__file__).parent / "hostile"
LIMITS = Limits(
    memory_bytes=512 << 20,
    cpu_seconds=20,
    wall_seconds=60,
    file_bytes=1 << 20,
    processes=16,
    output_bytes=1 << 18,
)


def program(name, **changes):
    """One of the hostile programs in the engine's place."""
    plain = Program(
        run=f"hostile:{name}",
        fault="hostile:ModelFault",
        version="hostile:VERSION",
        code=(HOSTILE,),
    )
    return replace(plain, **changes)


def always(_done, _total):
    return True


@pytest.fixture
def job(tmp_path):
    return make_job(tmp_path)


def make_job(folder, /, **options):
    model = folder / "model"
    model.mkdir(exist_ok=True)
    (model / "config.json").write_text("{}")
    (folder / "inputs.jsonl").write_text('{"id": "a"}\n{"id": "b"}\n')
    (folder / "labels").write_text("SECRET")
    return Job(
        task_type="text_classification",
        options=options,
        model_dir=model,
        base_dir=None,
        inputs=folder / "inputs.jsonl",
        tokenizer_dir=model,
    )


def jailed(name, job, *, on_progress=always, **limits):
    """The outcome of a hostile program on a job, with these limits changed."""
    return run_program(program(name), job, replace(LIMITS, **limits), on_progress)


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """Things on this host that an attacker would like to reach."""
    folder = tmp_path_factory.mktemp("host")
    abstract = f"assay-{uuid.uuid4()}"
    servers = [
        socket.create_server(("127.0.0.1", 0)),
        _unix("\0" + abstract),
        _unix(str(folder / "service.sock")),
    ]
    job = make_job(folder)
    yield {
        "port": servers[0].getsockname()[1],
        "abstract": abstract,
        "socket": str(folder / "service.sock"),
        "labels": str(folder / "labels"),
        "inputs": str(job.inputs),
        "folder": str(folder),
        "secret": "TOPSECRET",
        "pid": os.getpid(),
        "memory": LIMITS.memory_bytes,
        "file_bytes": LIMITS.file_bytes,
        "processes": LIMITS.processes,
    }
    for server in servers:
        server.close()


def _unix(address):
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()
    return server
