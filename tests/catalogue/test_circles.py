"""The database refuses a lineage that goes round in a circle, whoever asks."""

import importlib
import threading
from datetime import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from catalogue.models import Model, Parent
from tests.builders import models

pytestmark = pytest.mark.database


@pytest.fixture
def chain(transactional_db: None, now: datetime) -> list[Model]:
    """``m0`` under ``m1`` under ``m2``."""
    owner = User.objects.create(username="alice")
    made: list[Model] = []
    for n in range(3):
        made.append(
            models.published(
                owner,
                f"m{n}",
                models.terms("Allowed", "Allowed"),
                now,
                parents=made[-1:],
            )
        )
    return made


def insert(child: Model, parent: Model) -> None:
    """A raw row: no verb, no Django model has a say in it."""
    field = Parent._meta.get_field("child")
    ids = [field.get_db_prep_value(m.pk, connection) for m in (child, parent)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalogue_parent"
            " (child_id, parent_id, relation, revenue_percent, duties)"
            " VALUES (%s, %s, 'merge', 0, '[]')",
            ids,
        )


@pytest.mark.parametrize(("child", "parent"), [(0, 1), (0, 2), (1, 2), (1, 1)])
def test_a_row_that_closes_a_circle_is_refused(
    chain: list[Model], child: int, parent: int
):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(chain[child], chain[parent])

    assert Parent.objects.count() == 2


def test_a_second_path_is_no_circle(chain: list[Model]):
    insert(chain[2], chain[0])

    assert Parent.objects.count() == 3


def test_an_edge_cannot_be_turned_into_a_circle(chain: list[Model]):
    edge = Parent.objects.get(child=chain[1])

    with pytest.raises(IntegrityError), transaction.atomic():
        Parent.objects.filter(pk=edge.pk).update(parent=chain[2])

    edge.refresh_from_db()
    assert edge.parent == chain[0]


def test_two_halves_of_a_circle_at_once_do_not_both_stand(
    transactional_db: None, now: datetime
):
    owner = User.objects.create(username="alice")
    one, other = (
        models.published(owner, name, models.terms("Allowed", "Allowed"), now)
        for name in ("one", "other")
    )
    failures: list[Exception] = []
    inserted, begun = threading.Event(), threading.Event()

    def second() -> None:
        inserted.wait(10)
        begun.set()
        try:
            with transaction.atomic():
                insert(other, one)
        except IntegrityError as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        insert(one, other)
        inserted.set()
        begun.wait(10)
    thread.join(20)

    assert len(failures) == 1
    assert Parent.objects.count() == 1


def test_adapters_from_before_relations_are_told(chain: list[Model]):
    migration = importlib.import_module(
        "catalogue.migrations.0003_relations_of_adapters"
    )
    Model.objects.filter(pk=chain[1].pk).update(kind="adapter")

    migration.tell(apps, None)

    assert {edge.child.name: edge.relation for edge in Parent.objects.all()} == {
        "m1": "adapter",
        "m2": "fine_tune",
    }
