from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import ApiToken, User
from accounts.services import sign_up
from common import clock
from ledger.services import ensure_asset
from ledger.wallets import platform_asset
from tests.api.world import Door, World, door_of, make_world


@pytest.fixture(autouse=True)
def _own_var(settings: Any, tmp_path: Path) -> None:
    settings.STORAGE_PATH = tmp_path / "storage"
    settings.KEYS_PATH = tmp_path / "keys"
    settings.FAUCET = True
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture
def now() -> datetime:
    """The API reads the clock itself, so its world is made at the same time."""
    return clock.now()


@pytest.fixture
def asset(db: None) -> None:
    """The platform's asset, which `bootstrap` makes."""
    asset = platform_asset()
    ensure_asset(asset.symbol, asset.decimals)


@pytest.fixture
def evaluator(db: None) -> Door:
    """A door with an evaluator's token."""
    user = sign_up(handle="evaluator-1", email="", password="a quiet machine at work")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return door_of(user, ApiToken.Scope.EVALUATOR)


@pytest.fixture
def world(alice: User, bob: User, now: datetime) -> World:
    return make_world(alice, bob, now)
