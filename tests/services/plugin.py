"""Chooses the database and a scratch ``var/`` before Django reads its settings.

A plugin of its own, named in ``addopts``, because ``conftest.py`` is read only
after Django has been set up. Workers of pytest-xdist inherit the choice.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.services.postgresql import postgresql
from tests.services.private import private_folder

# Machines assert too, and their figures are wanted when they fail.
pytest.register_assert_rewrite("tests.ledger.machine", "tests.competitions.machine")
# Chosen by ``--hypothesis-profile``: the long run, and one that says at once what it
# has found instead of looking for the shortest way there.
settings.register_profile("nightly", deadline=None)
settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.generate])

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database to test on; a PostgreSQL server is started for the run",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    if WORKER is not None:
        # Inside the first process's folder, which it removes: a worker just stops.
        os.environ["ASSAY_VAR"] = str(Path(os.environ["ASSAY_VAR"]) / WORKER)
        Path(os.environ["ASSAY_VAR"]).mkdir()
        return
    servers = ExitStack()
    early_config.add_cleanup(servers.close)
    var = servers.enter_context(private_folder("var"))
    database = parser.parse_known_args(args).database
    os.environ["ASSAY_VAR"] = str(var)
    os.environ["DATABASE_URL"] = _database(database, var, servers)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """What takes minutes is left to ``make nightly``."""
    if settings.get_current_profile_name() == "nightly":
        return
    long = [item for item in items if item.get_closest_marker("nightly")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the state machines went through, steps above all, on xdist's workers too."""
    for report in terminalreporter.getreports("passed"):
        told = dict(getattr(report, "user_properties", ()))
        if report.when == "call" and told:
            said = ", ".join(f"{value} {name}" for name, value in told.items())
            terminalreporter.write_line(f"{report.nodeid}: {said}")


def _database(database: str, var: Path, servers: ExitStack) -> str:
    if database == "postgresql":
        return servers.enter_context(postgresql())
    return f"sqlite:///{var / 'assay.sqlite3'}"
