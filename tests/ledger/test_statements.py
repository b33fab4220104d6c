"""A statement has every line of its period once, and adds up."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from ledger import selectors
from ledger.holds import hold
from ledger.models import AccountKind
from ledger.services import Entry, account, post
from ledger.statements import ALWAYS, Period, lines, read_period, totals, walk
from tests.ledger.book import AST, NOON, issuance, issue, pay, wallet
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY = timedelta(days=1)


def _escrow():
    return account(kind=AccountKind.ESCROW, owner="competition:1", asset=AST)


def _post(payer, payee, units, now):
    with transaction.atomic():
        return post(
            caller="test",
            key=f"{payer.pk}{payee.pk}{units}{now}",
            kind="payment",
            entries=[Entry(payer, -units), Entry(payee, units)],
            reference="competition:1",
            memo="",
            now=now,
        )


def _pages(of, *, limit, period=ALWAYS):
    pages, before = [], None
    while page := lines(of, before_seq=before, limit=limit, period=period):
        pages.append([(line.amount, line.running) for line in page])
        before = page[-1].transfer.seq
    return pages


def test_a_statement_pages_back_to_the_first_line_without_gap_or_repeat():
    issue("alice", 100)
    for units in range(1, 8):
        pay("alice", "bob", units)
        pay("bob", "charlie", 1)

    assert _pages(wallet("alice"), limit=3) == [
        [(-7, 72), (-6, 79), (-5, 85)],
        [(-4, 90), (-3, 94), (-2, 97)],
        [(-1, 99), (100, 100)],
    ]


def test_a_statement_page_takes_a_bounded_number_of_queries(
    django_assert_max_num_queries,
):
    alice = issue("alice", 100)
    for _ in range(30):
        pay("alice", "bob", 1)

    with django_assert_max_num_queries(2):
        page = lines(alice, limit=50)
        kinds = [line.transfer.kind for line in page]

    assert len(kinds) == 31


def test_periods_follow_each_other_without_gap():
    alice = wallet("alice")
    days = [NOON + n * DAY for n in range(4)]
    for n, day in enumerate(days, start=1):
        _post(issuance(), alice, n, day)
        _post(issuance(), alice, 10 * n, day + timedelta(hours=1))

    midnights = [day.replace(hour=0) for day in days]
    periods = [Period(start, start + DAY) for start in midnights]
    found = [[line.amount for line in walk(alice, period)] for period in periods]
    balances = [totals(alice, period) for period in periods]

    assert found == [[10, 1], [20, 2], [30, 3], [40, 4]]
    assert [one.opening for one in balances] == [0, 11, 33, 66]
    assert [one.closing for one in balances] == [11, 33, 66, 110]
    assert _pages(alice, limit=1, period=periods[1]) == [[(20, 33)], [(2, 13)]]


def test_a_period_in_which_nothing_moved_is_empty_and_keeps_its_balance():
    alice = issue("alice", 5)
    pay("alice", "bob", 1)

    before, after = Period(end=NOON), Period(start=NOON + DAY)

    assert (list(walk(alice, before)), totals(alice, before).closing) == ([], 0)
    assert list(walk(alice, after)) == []
    assert (totals(alice, after).opening, totals(alice, after).closing) == (4, 4)


def test_a_payment_drawn_from_several_stripes_is_one_line():
    _fill(10, 20)

    _post(_escrow(), wallet("bob"), 155, NOON + DAY)

    assert [(one.amount, one.running) for one in lines(_escrow(), limit=2)] == [
        (-155, 45),
        (10, 200),
    ]


def _fill(units, times):
    for n in range(times):
        _post(issuance(), _escrow(), units, NOON + timedelta(seconds=n))


def test_money_that_only_changed_stripes_is_no_line():
    _fill(10, 20)
    with transaction.atomic():
        hold(
            caller="test",
            key="h",
            account=_escrow(),
            amount=150,
            reference="job:1",
            memo="",
            expires_at=None,
            now=NOON,
        )
    _post(_escrow(), wallet("bob"), 45, NOON + DAY)

    pages = _pages(_escrow(), limit=4)

    together = [line for page in pages for line in page]
    assert together[0] == (-45, 155)
    assert [amount for amount, _ in together[1:]] == [10] * 20
    assert [running for _, running in together[1:]] == list(range(200, 0, -10))
    assert totals(_escrow()).closing == 155


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_stripes_adds_up_after_payments_at_once():
    for n in range(6):
        issue(f"user:{n}", 1000)
    _fill(1000, 8)

    def pay_in_and_out(n):
        for step in range(10):
            _post(wallet(f"user:{n}"), _escrow(), 7 + n + step, NOON)
            _post(_escrow(), wallet(f"user:{n}"), 30 + n + step, NOON + DAY)

    answers = at_once([lambda n=n: pay_in_and_out(n) for n in range(6)])
    assert answers == [None] * 6

    whole = list(walk(_escrow()))
    seqs = [line.transfer.seq for line in whole]
    assert len(whole) == 8 + 6 * 20
    assert seqs == sorted(set(seqs), reverse=True)
    assert whole[0].running == selectors.position(_escrow()).balance
    running = 0
    for line in reversed(whole):
        running += line.amount
        assert line.running == running
    for limit in (1, 3, 50):
        pages = _pages(_escrow(), limit=limit)
        assert [pair for page in pages for pair in page] == [
            (line.amount, line.running) for line in whole
        ]


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    moves=st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=10),
    limit=st.integers(1, 4),
    cut=st.integers(0, 10),
)
def test_any_period_adds_up_from_its_opening_to_its_closing(moves, limit, cut):
    with transaction.atomic():
        for n, (units, comes_in) in enumerate(moves):
            pair = (issuance(), _escrow()) if comes_in else (_escrow(), issuance())
            free = selectors.position(_escrow()).balance
            if comes_in or units <= free:
                _post(*pair, units, NOON + n * DAY)
        for period in (Period(end=NOON + cut * DAY), Period(start=NOON + cut * DAY)):
            both = totals(_escrow(), period)
            pages = _pages(_escrow(), limit=limit, period=period)
            amounts = [amount for page in pages for amount, _ in page]

            assert both.opening + sum(amounts) == both.closing
            assert not pages or pages[0][0][1] == both.closing
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("", "", ALWAYS),
        ("2026-03-01", "2026-03-01", Period(*(NOON.replace(hour=h) for h in (0,)))),
        ("2026-03-01T12:00:00Z", "", Period(NOON)),
        ("2026-03-01T14:00:00+02:00", "", Period(NOON)),
    ],
)
def test_a_period_is_read_from_days_or_moments(start, end, period):
    found = read_period(start, end)

    assert found.start == period.start
    assert found.end == (NOON.replace(hour=0) + DAY if end else None)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("soon", "", "period_unreadable"),
        ("", "2026-03-01T12:00:00", "period_unreadable"),
        ("", "9999-12-31", "period_unreadable"),
        ("2026-02-30", "", "period_unreadable"),
        ("٢٠٢٦-03-01", "", "period_unreadable"),
        ("2026-03-02", "2026-03-01", "period_backwards"),
    ],
)
def test_a_period_that_is_none_is_refused(start, end, code):
    with pytest.raises(Invalid) as refused:
        read_period(start, end)

    assert refused.value.code == code


def test_a_deep_page_is_found_by_the_index(django_assert_max_num_queries):
    alice = issue("alice", 10)
    pay("alice", "bob", 1)
    rows = alice.postings.select_related("transfer").filter(id__lt=10**9)

    plan = rows.order_by("-id")[:25].explain()

    if connection.vendor == "sqlite":
        assert "posting_by_account" in plan
