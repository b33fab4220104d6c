"""The tree of commands: lazy, complete, and alike everywhere."""

import os
import subprocess
import sys

import click
import pytest

from assay.commands.root import AREAS, MINING, NESTED, READING, root
from assay.commands.shape import Command, Leaf
from tests.commands.conftest import Shell

LEAVES = {
    f"{area} {name}": leaf
    for area, (_, leaves) in AREAS.items()
    for name, leaf in leaves.items()
} | {**MINING, **READING}
LEAVES |= {
    f"{area} {group} {name}": leaf
    for (area, group), (_, leaves) in NESTED.items()
    for name, leaf in leaves.items()
}
HEAVY = (
    "assay.client",
    "cryptography",
    "httpx2",
    "keyring",
    "platformdirs",
    "rich",
    "tomlkit",
)
LOOK = """
import sys
from assay.commands import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(("words", "leaf"), LEAVES.items())
def test_a_command_says_the_same_in_its_group_as_in_its_own_help(
    words: str, leaf: Leaf
) -> None:
    command = leaf.load()

    assert isinstance(command, Command)
    assert (command.help or "").split("\n")[0] == leaf.help
    assert len(leaf.help) <= 50


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_help_and_takes_the_common_options(
    shell: Shell, words: str
) -> None:
    ran = shell(*words.split(), "--help")

    assert ran.status == 0
    for option in (
        "--format",
        "--json",
        "--quiet",
        "--yes",
        "--debug",
        "--profile",
        "--fields",
    ):
        assert option in ran.out


@pytest.mark.parametrize("words", [["--help"], ["competition", "--help"]])
def test_help_loads_no_command_and_nothing_heavy(words: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOOK, *words], capture_output=True, text=True, check=True
    )
    loaded = set(ran.stderr.split())

    assert "Usage: assay" in ran.stdout
    assert not loaded & set(HEAVY)
    assert not loaded & {"django", "torch", "assay.commands.competition"}


def test_python_m_assay_is_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "assay", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0
    assert ran.stdout.startswith("assay, version ")


def test_a_mistyped_command_ends_with_2_and_says_so(shell: Shell) -> None:
    ran = shell("competitions", "list")

    assert ran.status == 2
    assert ran.out == ""
    assert "No such command 'competitions'" in ran.err


def test_the_root_lists_every_area_and_every_mining_command() -> None:
    names = root.list_commands(click.Context(root))

    assert set(names) == {*AREAS, *MINING, *READING}


def test_short_names_are_the_same_commands(shell: Shell, server: str) -> None:
    long = shell("competition", "list", "--json", ASSAY_ENDPOINT=server)
    short = shell("comp", "ls", "--json", ASSAY_ENDPOINT=server)

    assert short == long
    assert "competition, comp" in shell("--help").out


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_that_asks_assay(shell: Shell, name: str) -> None:
    ran = shell("completion", name)

    assert ran.status == 0
    assert "_ASSAY_COMPLETE" in ran.out


def test_a_shell_completes_commands_by_asking(shell: Shell) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "assay"],
        env={
            **os.environ,
            "_ASSAY_COMPLETE": "bash_complete",
            "COMP_WORDS": "assay competition le",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.split(",")[-1].strip() == "leaderboard"
