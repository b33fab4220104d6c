"""The import contracts catch each sin that they were written against."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = ROOT / "pyproject.toml"
MODULES = (
    *("assay/protocol", "assay/client", "assay/commands"),
    *("evaluator/engine", "evaluator/jail"),
)
FILES = ("ledger/models.py", "ledger/services.py", "competitions/models.py")
LINT = "from importlinter.cli import lint_imports_command as run; run()"

SINS = {
    "an API module in a domain app": (
        "competitions/services.py",
        "import api",
        "The house leans one way",
    ),
    "one sibling in another": (
        "royalties/services.py",
        "import competitions.models",
        "The house leans one way",
    ),
    "a page in a door": (
        "doors/hub.py",
        "import web",
        "The house leans one way",
    ),
    "settings' package in common": (
        "common/jobs.py",
        "import config",
        "The house leans one way",
    ),
    "a service in a model": (
        "competitions/models.py",
        "import competitions.services",
        "Inside an app: doors, then services, selectors, models",
    ),
    "a task in a service": (
        "competitions/services.py",
        "import competitions.tasks",
        "Inside an app: doors, then services, selectors, models",
    ),
    "the client in the protocol": (
        "assay/protocol/ranking.py",
        "import assay.client",
        "Inside assay: commands, client, documents, then protocol",
    ),
    "Django in the command line": (
        "assay/commands/login.py",
        "from django.conf import settings",
        "assay needs neither a server nor torch",
    ),
    "HTTP in the protocol": (
        "assay/protocol/ranking.py",
        "import httpx2",
        "The protocol is rules only: no door and no wire",
    ),
    "a model of ours in the evaluator": (
        "evaluator/tasks.py",
        "import competitions.models",
        "The evaluator knows the protocol and nothing else of ours",
    ),
    "the queue beside the weights": (
        "evaluator/engine/loading.py",
        "import celery",
        "What shares a process with weights has no way out",
    ),
    "torch in a page": (
        "web/views.py",
        "import torch",
        "Only the evaluator imports torch and its kin",
    ),
    "torch in the wiring": (
        "config/health.py",
        "import torch",
        "Wiring starts the evaluator without importing torch itself",
    ),
    "a task in a page": (
        "web/views.py",
        "import competitions.tasks",
        "Pages, API and doors leave the queue to services",
    ),
    "Redis in the API": (
        "api/routes.py",
        "import redis",
        "Pages, API and doors leave the queue to services",
    ),
    "ledger rows in royalties": (
        "royalties/services.py",
        "from ledger.models import Transfer",
        "Only the ledger touches its rows",
    ),
}


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The house with empty rooms, under the contracts of the real one."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]
    for package in (*contracts["root_packages"], *MODULES):
        write(tmp_path / package / "__init__.py")
    for file in (*FILES, "competitions/services.py", "competitions/tasks.py"):
        write(tmp_path / file)
    return tmp_path


def write(file: Path, text: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def broken_contracts(root: Path) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--config", str(PYPROJECT)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    marker = " BROKEN"
    lines = result.stdout.splitlines()
    broken = {line.removesuffix(marker) for line in lines if line.endswith(marker)}
    assert "Contracts:" in result.stdout, result.stdout + result.stderr
    assert (result.returncode == 0) == (not broken)
    return broken


def test_the_empty_house_keeps_every_contract(skeleton: Path) -> None:
    assert broken_contracts(skeleton) == set()


@pytest.mark.parametrize("sin", SINS)
def test_a_sin_breaks_the_contract_meant_for_it(skeleton: Path, sin: str) -> None:
    file, text, contract = SINS[sin]
    write(skeleton / file, text)

    assert contract in broken_contracts(skeleton)
