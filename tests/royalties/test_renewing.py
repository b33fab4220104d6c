"""The clock renews, reminds and ends licences, and asks for declarations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from assay.protocol import certificates, signatures
from assay.protocol.errors import Conflict, Forbidden, InsufficientFunds, Invalid
from catalogue.models import Model
from ledger import wallets
from royalties import keys, selectors, services
from royalties.models import Licence, Notice
from royalties.services import certifying, licensing, renewing, reporting
from royalties.tasks import tick
from tests.builders import world
from tests.builders.world import UNIT
from tests.royalties.conftest import MONTHLY, ONCE, SHARE, buy, newest, sold
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, MONTH = timedelta(days=1), timedelta(days=30)


@pytest.fixture
def monthly(alice: User, bob: User, base: Model, charlie: User, now: datetime):
    """Charlie's, paid once: ten a month, and five left."""
    world.fund(charlie, 15, now)
    return buy(charlie, sold(alice, bob, base, now, MONTHLY), now)


@pytest.fixture
def sharing(alice: User, bob: User, base: Model, rich: User, now: datetime) -> Licence:
    """Charlie's: a fifth of the revenue."""
    return buy(rich, sold(alice, bob, base, now, SHARE), now)


def attend(licence: Licence, at: datetime) -> Licence:
    for due in renewing.due(at):
        renewing.attend(licence=due, now=at)
    licence.refresh_from_db()
    return licence


def told(licence: Licence) -> list[str]:
    return list(licence.notices.order_by("id").values_list("key", flat=True))


def test_a_month_is_renewed_once_before_it_ends_without_a_gap(
    monthly: Licence, charlie: User, now: datetime
):
    world.fund(charlie, 10, now)
    old = monthly.certificate["document"]
    moment = now + MONTH - DAY

    assert renewing.due(moment - timedelta(seconds=1)) == []
    for _ in range(3):
        attend(monthly, moment)

    assert monthly.renewals == 1
    assert monthly.valid_until == now + 2 * MONTH
    assert wallets.balance_of(charlie) == 5 * UNIT
    fresh = certificates.check_signed(monthly.certificate, keys.issuer_keys())
    assert fresh["valid_until"] == (now + 2 * MONTH).isoformat()
    assert fresh["granted_at"] == old["granted_at"]
    listed = certifying.status_list(now=moment)
    status = certificates.check_signed(listed, keys.issuer_keys())
    late = now + MONTH + DAY
    assert certificates.standing(old, None, late).state == "grace"
    assert certificates.standing(old, status, late).state == "valid"
    assert told(monthly) == ["renewed-1"]


def test_each_payments_secret_was_committed_to_by_the_one_before(
    monthly: Licence, charlie: User, now: datetime
):
    world.fund(charlie, 10, now)
    attend(monthly, now + MONTH - DAY)

    first, second = monthly.royalties.order_by("paid_at")

    assert first.record["seed"]["commitment"] == monthly.quote.draw_commitment
    assert second.record["seed"]["commitment"] == first.record["seed"]["secret"]


def test_a_renewal_that_cannot_be_paid_is_tried_daily_through_the_grace_then_ends(
    monthly: Licence, charlie: User, now: datetime
):
    end = now + MONTH
    attend(monthly, end - DAY)
    assert (monthly.status, monthly.due_at) == ("active", end)
    attend(monthly, end)
    assert (monthly.status, monthly.is_valid(end)) == ("past_due", False)
    for day in range(1, 8):
        attend(monthly, end + day * DAY)

    assert monthly.status == "ended"
    assert wallets.balance_of(charlie) == 5 * UNIT
    assert monthly.royalties.count() == 1
    assert told(monthly)[-1] == "ended-0"
    assert len(told(monthly)) == 9
    assert renewing.due(end + 99 * DAY) == []


def test_money_that_arrives_in_the_grace_renews_from_the_old_end(
    monthly: Licence, charlie: User, now: datetime
):
    end = now + MONTH
    attend(monthly, end - DAY)
    attend(monthly, end)
    world.fund(charlie, 8, now)

    attend(monthly, end + DAY)

    assert (monthly.status, monthly.valid_until) == ("active", end + MONTH)
    assert wallets.balance_of(charlie) == 3 * UNIT
    assert monthly.draws == 2


def test_a_cancelled_licence_runs_out_at_its_end_and_costs_nothing_more(
    monthly: Licence, bob: User, charlie: User, now: datetime
):
    world.fund(charlie, 10, now)
    with pytest.raises(Forbidden):
        licensing.cancel(licence=monthly, licensee=bob, now=now)
    for _ in range(2):
        licensing.cancel(licence=monthly, licensee=charlie, now=now)

    attend(monthly, now + MONTH - DAY)
    assert (monthly.status, monthly.is_valid(now + MONTH - DAY)) == ("active", True)
    attend(monthly, now + MONTH)

    assert monthly.status == "ended"
    assert wallets.balance_of(charlie) == 15 * UNIT


def test_what_does_not_renew_cannot_be_cancelled(sharing: Licence, rich: User, now):
    with pytest.raises(Conflict):
        licensing.cancel(licence=sharing, licensee=rich, now=now)


@pytest.mark.django_db(transaction=True)
def test_eight_clocks_renew_once(monthly: Licence, charlie: User, now: datetime):
    world.fund(charlie, 50, now)

    at_once([lambda: renewing.attend(licence=monthly, now=now + MONTH - DAY)] * 8)

    monthly.refresh_from_db()
    assert monthly.renewals == 1
    assert wallets.balance_of(charlie) == 45 * UNIT


def test_revenue_is_declared_paid_by_its_share_and_kept_on_record(
    sharing: Licence, alice: User, bob: User, rich: User, now: datetime
):
    def declare(number: int, revenue: int, key: str, at: datetime = now) -> Any:
        return reporting.declare(
            licence=sharing,
            licensee=rich,
            number=number,
            revenue=revenue,
            note="sales",
            key=key,
            now=at,
        )

    first = declare(1, 100 * UNIT, "a")
    again = declare(1, 100 * UNIT, "a")
    more = declare(1, 10 * UNIT, "b", now + DAY)
    nothing = declare(2, 0, "c", now + MONTH)

    assert first == again
    assert (first.owed, more.owed, nothing.owed) == (20 * UNIT, 2 * UNIT, 0)
    assert (nothing.royalty, nothing.begins_at) == (None, now + MONTH)
    assert wallets.balance_of(rich) == 978 * UNIT
    earned = selectors.earnings(alice) + selectors.earnings(bob)
    assert earned == 22 * UNIT
    assert [r.number for r in selectors.revenue_reports(sharing)] == [2, 1, 1]
    assert newest(sharing).kind == "revenue"
    with pytest.raises(Conflict):
        declare(1, 1, "a")
    for number in (0, 2):
        with pytest.raises(Invalid):
            declare(number, 1, "d")


def test_revenue_is_the_licensees_to_declare_and_must_be_payable(
    sharing: Licence, bob: User, rich: User, now: datetime
):
    asked: Any = {"number": 1, "note": "", "key": "k", "now": now}
    with pytest.raises(Forbidden):
        reporting.declare(licence=sharing, licensee=bob, revenue=1, **asked)
    with pytest.raises(InsufficientFunds):
        reporting.declare(licence=sharing, licensee=rich, revenue=10**6 * UNIT, **asked)
    assert selectors.revenue_reports(sharing) == []


def test_periods_without_a_declaration_are_reminded_of_thrice(
    sharing: Licence, rich: User, now: datetime
):
    for day in range(46):
        attend(sharing, now + day * DAY)

    assert told(sharing) == ["revenue-1-1", "revenue-1-2", "revenue-1-3"]
    assert sharing.due_at == now + 2 * MONTH


def test_who_pays_monthly_and_shares_revenue_is_renewed_and_reminded(
    alice: User, bob: User, base: Model, rich: User, now: datetime
):
    tags = {"License-Fee": "Monthly-10"}
    licence = buy(rich, sold(alice, bob, base, now, SHARE, **tags), now)

    for day in range(32):
        attend(licence, now + day * DAY)

    assert told(licence) == ["renewed-1", "revenue-1-1"]
    assert wallets.balance_of(rich) == 980 * UNIT
    assert licence.due_at == now + MONTH + 7 * DAY


def test_no_licence_outlasts_its_terms(
    alice: User, bob: User, base: Model, rich: User, now: datetime
):
    year = {"Expiry": "1"}
    end = datetime(now.year + 1, now.month, now.day, tzinfo=UTC)
    monthly = buy(rich, sold(alice, bob, base, now, MONTHLY, **year), now)
    once = sold(alice, bob, base, now, ONCE, name="once", **year)
    single = buy(rich, once, end - DAY)
    late = services.quote(
        licensee=rich, model=once, use="commercial", now=end - timedelta(minutes=1)
    )

    for day in range(367):
        attend(monthly, now + day * DAY)
    attend(single, end)

    assert "run out on" in " ".join(late.reasons)
    assert not late.is_open(end)
    assert (monthly.valid_until, monthly.status) == (end, "ended")
    assert (single.valid_until, single.status) == (end, "ended")
    assert not single.is_valid(end)
    assert monthly.renewals == 12
    assert single.certificate["document"]["valid_until"] == end.isoformat()


def test_a_declared_period_is_not_reminded_of(sharing: Licence, rich: User, now):
    reporting.declare(
        licence=sharing, licensee=rich, number=1, revenue=0, note="", key="k", now=now
    )

    attend(sharing, now + MONTH)

    assert not Notice.objects.exists()
    assert sharing.due_at == now + 2 * MONTH


def test_the_beat_does_all_of_it_by_itself(
    alice: User, bob: User, base: Model, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW = timedelta(days=2)
    licence = buy(rich, sold(alice, bob, base, now, MONTHLY), now)

    tick()  # the real clock is months after the tests' noon

    licence.refresh_from_db()
    assert licence.status == "ended"
    assert licence.royalties.get().status == "paid"


def test_a_rotated_key_signs_from_now_on_and_the_old_one_stays_good(
    monthly: Licence, rich: User, now: datetime
):
    old = monthly.certificate
    made = keys.rotate(now=now + DAY)
    world.fund(rich, 10, now)
    attend(monthly, now + MONTH - DAY)

    assert monthly.certificate["key_id"] == made.key_id != old["key_id"]
    trusted = keys.issuer_keys()
    for certificate in (old, monthly.certificate):
        assert certificates.check_signed(certificate, trusted)
    assert set(keys.public_keys()) == {old["key_id"], made.key_id}


def test_a_compromised_key_proves_nothing_any_more(monthly: Licence, now: datetime):
    old = monthly.certificate
    _, signed = certifying.rotate(now=now + DAY, compromised=True)
    monthly.refresh_from_db()

    with pytest.raises(Invalid):
        certificates.check_signed(old, keys.issuer_keys())
    assert signed == 1
    assert certificates.check_signed(monthly.certificate, keys.issuer_keys())
    assert signatures.key_id(signatures.public_key(keys.signing_seed())) in (
        keys.public_keys()
    )


def test_operators_rotate_keys_and_revoke_licences_by_command(
    monthly: Licence, capsys: pytest.CaptureFixture[str]
):
    call_command("rotate_signing_key", "--compromised")
    call_command("revoke_licence", str(monthly.id), "broke the terms")
    said = capsys.readouterr().out

    monthly.refresh_from_db()
    assert "1 standing licences were signed anew" in said
    assert (monthly.status, monthly.status_reason) == ("revoked", "broke the terms")
    for wrong in (str(monthly.id), "nonsense"):
        with pytest.raises(CommandError):
            call_command("revoke_licence", wrong, "again")
