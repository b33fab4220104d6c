"""The pages that people read name what there is."""

import re
from pathlib import Path

import pytest

from assay.commands import failing
from assay.commands.specfile import NEEDED, OPTIONAL
from tests.commands.test_tree import LEAVES

DOCS = Path(__file__).parents[2] / "docs"
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
MINERS = (DOCS / "miners.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_its_line(words: str) -> None:
    assert f"`assay {words}" in CLI


@pytest.mark.parametrize("words", LEAVES)
def test_every_option_of_its_own_is_named(words: str) -> None:
    command = LEAVES[words].load()
    common = {"--format", "--json", "--quiet", "--yes", "--debug"}
    common |= {"--limit", "--page", "--profile", "--fields"}

    for parameter in command.params:
        long = [name for name in parameter.opts if name.startswith("--")]
        if parameter.param_type_name == "option" and not common & set(long):
            assert any(name in CLI for name in parameter.opts), (words, parameter.opts)


def test_every_field_of_a_competitions_file_is_in_the_example() -> None:
    example = CLI[CLI.index("```toml") :]

    for field in NEEDED | OPTIONAL:
        assert re.search(rf"^(\[{field}\]|{field} = )", example, re.MULTILINE), field


def test_every_exit_code_is_explained() -> None:
    codes = [
        *(failing.BROKEN, failing.REFUSED, failing.FAILED, failing.TIMED_OUT),
        *(failing.LOGGED_OUT, failing.UNAVAILABLE, failing.STOPPED),
    ]

    for code in codes:
        assert f"\n| {code} |" in CLI


def test_every_command_that_the_miners_page_types_exists() -> None:
    typed = re.findall(r"^assay ([a-z]+(?: [a-z-]+){0,2})", MINERS, re.MULTILINE)

    assert len(typed) > 10
    for words in typed:
        said = words.split()
        assert any(" ".join(said[:n]) in LEAVES for n in (3, 2, 1)), words
