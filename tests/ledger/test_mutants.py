"""The machine finds every bug that is planted into the book.

On SQLite, where the book is written by Python; on PostgreSQL most of it is a function
of the database, which the same machine walks through.
"""

import pytest

from tests.ledger.machine import BookMachine
from tests.ledger.mutants import MUTANTS
from tests.services.stepping import finds

pytestmark = [pytest.mark.django_db]

CHEAP = {"key ignored", "hold not released", "hold not taken"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in CHEAP else pytest.mark.nightly)
        for name in MUTANTS
    ],
)
def test_a_planted_bug_is_found(name: str):
    with MUTANTS[name]():
        assert finds(BookMachine, walks=300, length=50)
