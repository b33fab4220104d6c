"""A running server, the people at it, and clients of theirs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured

from accounts.models import User
from accounts.services import issue_token
from assay.client import Client, Patience
from catalogue.models import Model
from common import clock
from competitions.models import Competition
from ledger.services import AccountKind, account, ensure_asset
from tests.builders import world
from tests.client.proxy import BadLink, bad_link

AT_ONCE = Patience(pauses=(0.0, 0.0, 0.0), sleep=lambda _: None)
Connect = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """The live server's middleware warns when the folder is missing."""
    Path(configured.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture(scope="session")
def broker(valkey: str) -> None:
    """A real broker where the settings expect it: transactions here do commit."""
    place = Path(configured.REDIS_URL.removeprefix("redis+socket://"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(valkey.removeprefix("redis+socket://"))


@pytest.fixture(autouse=True)
def _own_var(settings: Any, tmp_path: Path) -> None:
    settings.STORAGE_PATH = tmp_path / "storage"
    settings.KEYS_PATH = tmp_path / "keys"
    settings.FAUCET = True


@pytest.fixture
def now() -> datetime:
    """The server reads the real clock, so its world is made around it."""
    return clock.now()


@pytest.fixture
def server(live_server: Any, broker: None) -> str:
    """The address of a server with the real API, and its asset made."""
    ensure_asset("AST", 18)
    account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    return str(live_server.url)


@pytest.fixture
def link(server: str) -> Iterator[BadLink]:
    """A bad link to the server."""
    with bad_link(server) as link:
        yield link


def token_of(user: User) -> str:
    """A live token of this person's."""
    return issue_token(user=user, name="test")[1]


@pytest.fixture
def connect(server: str) -> Iterator[Connect]:
    """Makes clients: ``connect(alice)``, ``connect(alice, link.endpoint)``."""
    with ExitStack() as clients:

        def made(user: User | None = None, endpoint: str = server) -> Client:
            token = token_of(user) if user else ""
            client = Client(endpoint, token=token, patience=AT_ONCE)
            return clients.enter_context(client)

        yield made


@pytest.fixture
def base(server: str, charlie: User, now: datetime) -> Model:
    """Charlie's base model."""
    return world.base_model(charlie, now)


@pytest.fixture
def contest(alice: User, base: Model, now: datetime) -> Competition:
    """Alice's open competition, its baseline 10 of 30."""
    return world.open_competition(alice, base, now)
