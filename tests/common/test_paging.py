"""Pages lose nothing and repeat nothing, whatever arrives between them."""

import base64
import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from common.models import Job
from common.paging import MAX_LIMIT, keyset

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ORDERS = [
    ["id"],
    ["-id"],
    ["created_at", "id"],
    ["-created_at", "-id"],
    ["-attempts", "created_at", "-id"],
]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Few different moments and numbers, so that most rows tie on all but the id.
moments = st.integers(0, 3).map(lambda n: NOON + timedelta(microseconds=n))
rows = st.builds(
    lambda created_at, attempts: Job(
        id=uuid.uuid4(), name="row", created_at=created_at, attempts=attempts
    ),
    moments,
    st.integers(0, 2),
)
on_the_database = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(
    before=st.lists(rows, max_size=14),
    between=st.lists(st.lists(rows, max_size=3), max_size=4),
    limit=st.integers(1, 5),
    order=st.sampled_from(ORDERS),
)
@on_the_database
def test_no_row_is_lost_or_doubled_while_others_arrive(before, between, limit, order):
    Job.objects.all().delete()
    Job.objects.bulk_create(before)
    arriving = iter(between)
    seen: list[uuid.UUID] = []
    cursor = None

    while True:
        page = keyset(Job.objects.all(), cursor=cursor, limit=limit, order=order)
        seen += [job.id for job in page.items]
        assert len(page.items) <= limit
        cursor = page.next_cursor
        if cursor is None:
            break
        Job.objects.bulk_create(next(arriving, []))

    assert len(set(seen)) == len(seen)
    assert {job.id for job in before} <= set(seen)
    whole = Job.objects.order_by(*order).values_list("id", flat=True)
    position = {pk: index for index, pk in enumerate(whole)}
    assert [position[pk] for pk in seen] == sorted(position[pk] for pk in seen)


@given(before=st.lists(rows, min_size=2, max_size=12), limit=st.integers(1, 4))
@on_the_database
def test_a_row_that_goes_takes_no_other_with_it(before, limit):
    Job.objects.all().delete()
    Job.objects.bulk_create(before)
    order = ["-created_at", "-id"]
    first = keyset(Job.objects.all(), cursor=None, limit=limit, order=order)
    expected = [
        job.id for job in Job.objects.order_by(*order) if job not in first.items
    ]

    first.items[-1].delete()
    rest = keyset(Job.objects.all(), cursor=first.next_cursor, limit=100, order=order)

    if first.next_cursor is not None:
        assert [job.id for job in rest.items] == expected


def test_the_last_page_has_no_cursor_even_when_it_is_full():
    Job.objects.bulk_create(Job(name="row") for _ in range(4))

    first = keyset(Job.objects.all(), cursor=None, limit=2, order=["id"])
    last = keyset(Job.objects.all(), cursor=first.next_cursor, limit=2, order=["id"])

    assert (len(last.items), last.next_cursor) == (2, None)
    assert keyset(Job.objects.none(), cursor=None, limit=2, order=["id"]).items == []


def test_a_page_has_at_least_one_row_and_at_most_a_hundred():
    Job.objects.bulk_create(Job(name="row") for _ in range(MAX_LIMIT + 1))

    def size(limit: int) -> int:
        found = keyset(Job.objects.all(), cursor=None, limit=limit, order=["id"])
        return len(found.items)

    assert [size(limit) for limit in (-5, 0, 7, 10**9)] == [1, 1, 7, MAX_LIMIT]


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(
    st.text(max_size=40)
    | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    | st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.just("2026-03-01 12:00:00+00:00"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        ),
        max_leaves=6,
    ).map(cursor_of)
)
@on_the_database
def test_a_cursor_of_anybodys_making_is_refused_or_gives_a_page(cursor):
    Job.objects.bulk_create([Job(name="row")] if not Job.objects.exists() else [])
    for order in (["id"], ["-created_at", "-id"]):
        with suppress(Invalid):
            page = keyset(Job.objects.all(), cursor=cursor, limit=5, order=order)
            assert len(page.items) <= 1
