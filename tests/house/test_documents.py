"""The documents keep up with the code: links, settings, folders, rules, commands."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.protocol.benchmarks import TASK_TYPES
from assay.protocol.prizes import RULES
from assay.protocol.scoring import METRICS
from evaluator import settings as evaluator_settings

ROOT = Path(__file__).resolve().parents[2]
RUNNING = ROOT / "docs" / "operators" / "running.md"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
READERS = {"text", "flag", "number", "words"}


def tracked(*patterns: str) -> list[Path]:
    """The files that Git knows or would take up."""
    listing = ["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns]
    found = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True)
    paths = sorted(set(found.stdout.decode().split("\0")) - {""})
    return [ROOT / path for path in paths if (ROOT / path).is_file()]


DOCUMENTS = tracked("*.md")
PAGES = [page for page in DOCUMENTS if (ROOT / "docs") in page.parents]


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def anchors(document: Path) -> set[str]:
    """The anchors that a host of Git repositories gives to the headings."""
    headings = HEADING.findall(FENCE.sub("", document.read_text("utf-8")))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def broken_links(document: Path) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", document.read_text("utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        known = target.suffix != ".md" or not anchor or not target.exists()
        if not target.exists() or not (known or anchor in anchors(target)):
            yield link


def environment_settings() -> set[str]:
    """The names that ``config/settings.py`` reads by ``config.environment``."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text("utf-8"))
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="environment"), attr=reader),
                args=[ast.Constant(value=str(name)), *_],
            ) if reader in READERS:
                names.add(name)
    return names


def evaluator_names() -> set[str]:
    source = Path(evaluator_settings.__file__).read_text("utf-8")
    return set(re.findall(r'"(ASSAY_[A-Z_]+)"', source))


def management_commands() -> set[str]:
    modules = tracked("*/management/commands/*.py")
    return {module.stem for module in modules} - {"__init__"}


def in_words(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_relative_link_resolves(document: Path) -> None:
    assert list(broken_links(document)) == []


def test_every_page_is_listed_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    links = LINK.findall(index.read_text("utf-8"))
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links}

    assert [name_of(page) for page in PAGES if page not in {index, *listed}] == []


def test_every_setting_from_the_environment_is_described_for_operators() -> None:
    text = RUNNING.read_text("utf-8")
    names = environment_settings() | evaluator_names()

    assert len(names) > 15
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_top_level_folder_has_a_line_on_the_map() -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()
    known = {line.split("/")[0] for line in lines if re.match(r"[.\w]+/ {2,}\w", line)}
    paths = [path.relative_to(ROOT) for path in tracked()]
    folders = {path.parts[0] for path in paths if len(path.parts) > 1}

    assert folders - known == set()
    assert known - folders == set()


@pytest.mark.parametrize("name", sorted({*RULES, *METRICS, *TASK_TYPES}))
def test_every_rule_metric_and_task_type_is_explained_to_sponsors(name: str) -> None:
    sponsors = (ROOT / "docs" / "sponsors.md").read_text("utf-8")
    definitions = (
        ROOT / "docs" / "prizes.md",
        *(ROOT / "docs").glob("algorithms/*.md"),
    )

    assert f"`{name}`" in sponsors
    explained = [page for page in definitions if f"`{name}`" in page.read_text("utf-8")]
    assert explained or name in TASK_TYPES


@pytest.mark.parametrize("name", sorted(management_commands()))
def test_every_management_command_is_described_for_operators(name: str) -> None:
    assert in_words(RUNNING.read_text("utf-8"), name)


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Its life\n[here](page.md#its-life) [away](gone.md) [past](page.md#end)\n"
        "```\n[code](is-not-a-link.md)\n```\n",
        "utf-8",
    )

    assert list(broken_links(page)) == ["gone.md", "page.md#end"]
