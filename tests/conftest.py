"""The people and servers that tests share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from accounts.models import User
from accounts.services import sign_up
from tests.services.guards import empty_guarded
from tests.services.s3 import KEYS, s3_server
from tests.services.valkey import valkey as valkey_server

PASSWORD = "a quiet afternoon at the assay office"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """On SQLite a file: an in-memory database serves one connection at a time."""
    if connection.vendor == "sqlite":
        name = str(Path(settings.VAR) / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def _book_can_be_emptied() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_guarded)
        yield


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The URL of a running Valkey; empty it yourself when that matters."""
    with valkey_server() as url:
        yield url


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a running S3 server, its keys in the environment."""
    with pytest.MonkeyPatch.context() as patch, s3_server() as endpoint:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield endpoint


@pytest.fixture
def now() -> datetime:
    """The one moment at which a test happens."""
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    """The one whose thing it is."""
    return _person("alice")


@pytest.fixture
def bob(db: None) -> User:
    """The one who may take part."""
    return _person("bob")


@pytest.fixture
def charlie(db: None) -> User:
    """The stranger."""
    return _person("charlie")


def _person(handle: str) -> User:
    return sign_up(handle=handle, email=f"{handle}@example.org", password=PASSWORD)
