"""The book agrees with a plain model of it, whatever is asked in whatever order."""

import pytest

from tests.ledger.machine import BookMachine
from tests.services.stepping import walk

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_book_agrees_with_a_plain_model_of_it(request: pytest.FixtureRequest):
    walk(BookMachine, BookMachine, request, steps=1000, nightly=50_000)
