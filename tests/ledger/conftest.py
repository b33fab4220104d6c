import pytest

from ledger.services import ensure_asset


@pytest.fixture(autouse=True)
def ast(db):
    """The asset of these tests: two decimals, so that sentences stay short."""
    return ensure_asset("AST", 2)
