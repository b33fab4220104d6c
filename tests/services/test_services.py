"""The servers are real, private, and gone when they should be."""

import stat
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection

from tests.services.chromium import find_chromium
from tests.services.postgresql import postgresql
from tests.services.valkey import valkey as valkey_server


@pytest.mark.database
def test_the_suite_runs_on_the_database_it_was_asked_for(pytestconfig, db):
    assert connection.vendor == pytestconfig.getoption("database")


def test_postgresql_is_version_18_behind_a_private_socket_only():
    with postgresql() as url:
        folder = Path(url.split("@")[1].split("/")[0].replace("%2F", "/"))
        with psycopg.connect(
            host=str(folder), user="assay", dbname="postgres"
        ) as session:
            version = session.info.server_version
            listens = session.execute("SHOW listen_addresses").fetchone()
        mode = stat.S_IMODE(folder.stat().st_mode)

    assert version // 10000 == 18
    assert listens == ("",)
    assert mode == 0o700
    assert not folder.exists()


def test_valkey_answers_on_its_socket_and_is_gone_afterwards():
    with valkey_server() as url:
        socket = Path(url.removeprefix("redis+socket://"))
        with redis.Redis(unix_socket_path=str(socket)) as client:
            client.set("key", "value")
            kept = client.get("key")

    assert kept == b"value"
    assert not socket.exists()


def test_the_session_shares_one_valkey(valkey):
    assert Path(valkey.removeprefix("redis+socket://")).is_socket()


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.delenv("ASSAY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert find_chromium() is None

    browser = tmp_path / name
    browser.touch(mode=0o755)

    assert find_chromium() == browser


def test_playwrights_own_browser_is_found_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("ASSAY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    browser = tmp_path / "chromium-1" / "chrome-linux" / "chrome"
    browser.parent.mkdir(parents=True)

    browser.touch(mode=0o755)

    assert find_chromium() == browser
