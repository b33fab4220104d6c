"""What keeps a stack from starting is said in one sentence, before anything starts."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assay.protocol.errors import Unavailable
from config.stack import preflight
from config.stack.layout import ROOT, SOCKET_PATH_BYTES, Layout
from config.temporary import private_temporary
from tests.config.processes import environment

# Stands in for a host on which a required layer of the jail does not hold.
WEAK_HOST = """
import importlib.machinery, sys, types
name = "evaluator.jail.doctor"
doctor = types.ModuleType(name)
doctor.__file__ = "/nowhere/doctor.py"
doctor.LayerReport = types.SimpleNamespace
doctor.behind_walls = None
doctor.__spec__ = importlib.machinery.ModuleSpec(name, None)
doctor.examine = lambda: [
    types.SimpleNamespace(name="network", required=True, active=True, sentence="Off."),
    types.SimpleNamespace(
        name="seccomp", required=True, active=False, sentence="A socket was opened."
    ),
]
sys.modules[name] = doctor
"""
START = "from config.stack.__main__ import main; import sys; sys.exit(main([]))"
DOCTOR = (
    "from django.core.management import execute_from_command_line as run;"
    "run(['manage.py', 'doctor'])"
)


def start(
    var: Path, *, port: int = 0, before: str = "", what: str = START
) -> tuple[int, list[str]]:
    """Start a stack that cannot; returns the exit code and what it said."""
    result = subprocess.run(
        [sys.executable, "-c", f"{before}\n{what}"],
        cwd=ROOT,
        env=environment(
            var, ASSAY_PORT=str(port), DJANGO_SETTINGS_MODULE="config.settings"
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return result.returncode, (result.stdout + result.stderr).splitlines()


def test_a_busy_port_is_named_with_the_setting_to_change(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        code, words = start(tmp_path, port=port)

    assert code == 1
    assert words[1:] == [
        (
            f"Error: Port {port} on 127.0.0.1 cannot be used: Address already in use. "
            "Set ASSAY_PORT to another one: ASSAY_PORT=8123 make run."
        )
    ]
    assert not (tmp_path / "log" / "valkey.log").exists()


def test_an_impossible_port_is_refused(tmp_path: Path) -> None:
    code, words = start(tmp_path, port=70000)

    assert code == 1
    assert len(words) == 2
    assert words[1].startswith("Error: Port 70000 on 127.0.0.1 cannot be used")


def test_an_unwritable_folder_is_named_with_the_setting_to_change(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way of everyone, root too")
    var = tmp_path / "file" / "var"

    code, words = start(var)

    assert code == 1
    assert words[1:] == [
        (
            f"Error: Cannot write to {var}: {var}: Not a directory. "
            "Make it writable, or set ASSAY_VAR to a folder that is."
        )
    ]


def test_a_host_without_a_required_layer_starts_nothing(tmp_path: Path) -> None:
    code, words = start(tmp_path / "var", before=WEAK_HOST)

    assert code == 1
    assert words[1:] == [
        (
            "Error: The jail's layer seccomp does not hold. A socket was opened. "
            "docs/operators/jail.md says what to do; `manage.py doctor` looks again."
        )
    ]
    assert not (tmp_path / "var").exists()


def test_the_doctor_names_the_missing_layer_and_fails(tmp_path: Path) -> None:
    code, words = start(tmp_path, before=WEAK_HOST, what=DOCTOR)

    assert code == 1
    assert [line.split()[:2] for line in words[:2]] == [
        ["holds", "network"],
        ["MISSING", "seccomp"],
    ]
    assert words[-1] == "CommandError: The jail lacks seccomp: no evaluation."


def test_a_temporary_folder_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path))
        folder = private_temporary()
        folder.chmod(0o755)

        with pytest.raises(Unavailable, match="open to others") as refused:
            private_temporary()

    assert refused.value.where == str(folder)


def test_a_deep_folder_gets_its_socket_where_the_path_is_short(tmp_path: Path) -> None:
    layout = Layout(tmp_path / ("deep" * 25))

    layout.create()

    assert len(str(layout.socket)) <= SOCKET_PATH_BYTES
    assert layout.socket.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("content", "said"),
    [("1\n", "sudo sysctl kernel.switch=0"), ("0\n", "docs/operators/jail.md")],
)
def test_a_jail_that_does_not_stand_is_mended_by_what_is_said(
    tmp_path: Path, content: str, said: str
):
    switch = tmp_path / "switch"
    switch.write_text(content)

    assert said in preflight.jail_fix("namespaces", switch)
    for layer, place in (("seccomp", switch), ("namespaces", tmp_path / "absent")):
        assert "docs/operators/jail.md" in preflight.jail_fix(layer, place)
