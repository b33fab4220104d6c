"""Amounts keep every base unit, on the way in, on the way out, and in queries."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import F, Window
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.money import MAX_UNITS
from common.amounts import AmountAdd, AmountField, AmountSum, decode, encode

pytestmark = [pytest.mark.database, pytest.mark.django_db]

with isolate_apps("common"):

    class Sample(models.Model):  # noqa: DJ008 - nobody reads its name
        amount = AmountField(null=True)
        group = models.IntegerField(default=0)

        class Meta:
            app_label = "common"


EDGES = [0, 1, -1, 2**63, -(2**63), 2**127 - 1, 2**128, MAX_UNITS, -MAX_UNITS]
amounts = st.integers(-MAX_UNITS, MAX_UNITS) | st.sampled_from(EDGES)
summands = st.lists(st.integers(-(10**46), 10**46), max_size=10)
on_the_database = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)


def _store(values):
    Sample.objects.all().delete()
    Sample.objects.bulk_create(Sample(amount=value) for value in values)


@given(amounts)
@on_the_database
def test_an_amount_comes_back_as_it_went_in(units):
    _store([units])

    kept = Sample.objects.get(amount=units)

    assert kept.amount == units
    assert type(kept.amount) is int


@given(st.lists(amounts, max_size=12), amounts)
@on_the_database
def test_amounts_sort_and_compare_as_numbers(values, bound):
    _store(values)

    in_order = Sample.objects.order_by("amount").values_list("amount", flat=True)
    below = Sample.objects.filter(amount__lt=bound).values_list("amount", flat=True)
    named = Sample.objects.filter(amount__in=[bound, *values[:1]]).count()

    assert list(in_order) == sorted(values)
    assert sorted(below) == sorted(value for value in values if value < bound)
    assert named == sum(value in {bound, *values[:1]} for value in values)


@given(summands)
@on_the_database
def test_sums_are_exact_and_zero_over_nothing(values):
    _store([*values, None])

    total = Sample.objects.aggregate(total=AmountSum("amount"))["total"]

    assert total == sum(values)
    assert type(total) is int


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(EDGES[:7])), max_size=9))
@on_the_database
def test_sums_group_and_filter(rows):
    Sample.objects.all().delete()
    Sample.objects.bulk_create(Sample(group=g, amount=units) for g, units in rows)
    expected = {g: sum(u for h, u in rows if h == g) for g, _ in rows}

    sums = Sample.objects.values("group").annotate(total=AmountSum("amount"))

    assert dict(sums.values_list("group", "total")) == expected
    in_the_black = sums.filter(total__gt=0).values_list("group", flat=True)
    assert set(in_the_black) == {g for g, total in expected.items() if total > 0}


@given(summands)
@on_the_database
def test_sums_run_over_a_window(values):
    _store(values)
    running = Window(AmountSum("amount", default=None), order_by=F("id").asc())

    totals = Sample.objects.annotate(so_far=running).order_by("id")

    expected = [sum(values[: n + 1]) for n in range(len(values))]
    assert list(totals.values_list("so_far", flat=True)) == expected


@given(amounts, amounts)
@on_the_database
def test_adding_in_the_database_is_exact_or_refused(left, right):
    _store([left])
    added = Sample.objects.filter(amount=left)

    if abs(left + right) <= MAX_UNITS:
        added.update(amount=AmountAdd(F("amount"), right))
        assert Sample.objects.get().amount == left + right
    else:
        with pytest.raises((DataError, IntegrityError)), transaction.atomic():
            added.update(amount=AmountAdd(F("amount"), right))


@pytest.mark.parametrize("units", [MAX_UNITS + 1, -MAX_UNITS - 1])
def test_an_amount_beyond_the_bounds_is_refused_before_it_is_sent(units):
    with pytest.raises(OverflowError):
        Sample.objects.create(amount=units)


@pytest.mark.parametrize("wrong", [1.0, True, "5", b"5"])
def test_only_an_integer_is_an_amount(wrong):
    with pytest.raises(TypeError, match="whole base units"):
        Sample.objects.create(amount=wrong)


def test_a_sum_beyond_the_bounds_raises_instead_of_rounding():
    _store([MAX_UNITS, 1])

    with pytest.raises((DataError, OverflowError)), transaction.atomic():
        Sample.objects.aggregate(total=AmountSum("amount"))


@pytest.mark.parametrize("literal", ["'NaN'", "'Infinity'", "'abc'", f"'{10**49}'"])
def test_the_database_refuses_what_is_no_amount(literal):
    with pytest.raises((DataError, IntegrityError)), transaction.atomic():
        _insert(literal)

    assert not Sample.objects.exists()


def test_plain_arithmetic_never_stores_a_float():
    _store([2**100])

    if connection.vendor == "sqlite":
        with pytest.raises(IntegrityError), transaction.atomic():
            Sample.objects.update(amount=F("amount") + 1)
    else:
        Sample.objects.update(amount=F("amount") + 1)

    assert Sample.objects.get().amount in {2**100, 2**100 + 1}


@given(amounts, amounts)
def test_the_text_form_keeps_order_and_width(left, right):
    assert decode(encode(left)) == left
    assert len(encode(left)) == 49
    assert (encode(left) < encode(right)) == (left < right)


@pytest.mark.parametrize("text", ["1.5", "", "ten", "1e3"])
def test_form_input_that_is_no_whole_number_is_a_validation_error(text):
    with pytest.raises(ValidationError):
        AmountField().to_python(text)


def test_form_input_of_digits_is_an_integer():
    assert AmountField().to_python(str(2**130)) == 2**130


def _insert(literal):
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO common_sample (amount, "group") VALUES ({literal}, 0)'
        )
