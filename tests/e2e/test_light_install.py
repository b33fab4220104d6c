"""``pip install .`` in an empty environment: the command, and nothing heavy."""

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
HEAVY = (
    *("django", "torch", "transformers", "celery", "ninja"),
    *("huggingface_hub", "cyclonedx", "license_expression"),
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment with only the project in it."""
    folder = tmp_path_factory.mktemp("light")
    venv.create(folder / "env", with_pip=True)
    tools = folder / "env" / "bin"
    source = copied(folder / "source")
    done = subprocess.run(
        [str(tools / "python"), "-m", "pip", "install", "-q", str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "No matching distribution" in done.stderr or "Connection" in done.stderr:
        pytest.skip(f"the package index cannot be reached: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
    return tools


def copied(target: Path) -> Path:
    """The sources elsewhere: building writes beside them."""
    for package in ("assay", "evaluator"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, target / package, ignore=ignored)
    for file in ("pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / file).exists():
            shutil.copy(ROOT / file, target / file)
    return target


def run(tools: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run(
        [str(tools / words[0]), *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tools,
    )


def test_the_command_works_and_nothing_heavy_was_installed(installed: Path) -> None:
    helped = run(installed, "assay", "--help")
    found = run(
        *(installed, "python", "-c"),
        "import importlib.util as u, sys;"
        f"print([n for n in {HEAVY!r} if u.find_spec(n)])",
    )

    assert helped.returncode == 0, helped.stderr
    assert "Usage: assay" in helped.stdout
    assert found.stdout.strip() == "[]"


def test_every_module_of_the_command_can_be_imported(installed: Path) -> None:
    # Sketches of weights are compared by numpy, which the server's extra brings.
    left_out = ("__main__", "similarity", "admission.numbers")
    walk = (
        "import pkgutil, importlib, assay;"
        "[importlib.import_module(m.name) for m in"
        " pkgutil.walk_packages(assay.__path__, 'assay.')"
        f" if not any(part in m.name for part in {left_out})];"
        "from assay import Client; print(Client.__name__)"
    )

    found = run(installed, "python", "-c", walk)

    assert found.stdout.strip() == "Client", found.stderr


def test_scoring_here_says_what_to_install(installed: Path, tmp_path: Path) -> None:
    ran = run(installed, "assay", "evaluate", str(tmp_path), "-c", "any")

    assert ran.returncode == 3
    assert "pip install 'assay[evaluator]'" in ran.stderr


def test_documents_say_what_to_install_and_tags_need_nothing(
    installed: Path, tmp_path: Path
) -> None:
    card, tags = tmp_path / "README.md", tmp_path / "terms.toml"
    card.write_text("---\nlicense: mit\n---\n", "utf-8")

    made = run(
        *(installed, "assay", "terms", "init", "--preset", "open", "--out", str(tags)),
    )
    told = run(installed, "assay", "inspect", str(tags))
    asked = run(installed, "assay", "inspect", str(card))

    assert made.returncode == 0, made.stderr
    assert told.returncode == 0, told.stderr
    assert "You may use it commercially for free." in told.stdout
    assert asked.returncode == 7
    assert "pip install 'assay[documents]'" in asked.stderr
