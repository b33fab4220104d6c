"""How often strangers may try, and whom that counts against."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from assay.protocol.errors import LimitReached
from common import throttling


@pytest.fixture(autouse=True)
def _fresh(settings: Any):
    settings.RATES = {"try": {"address": "2/minute", "handle": "3/hour"}}
    settings.REDIS_URL = "memory://"  # what other tests counted is not seen here
    throttling._shared.cache_clear()
    throttling._own.cache_clear()
    yield
    throttling._shared.cache_clear()
    throttling._own.cache_clear()


def test_one_try_too_many_is_refused_with_the_moment_of_the_next():
    throttling.spend("try", address="a")
    throttling.spend("try", address="a")

    with pytest.raises(LimitReached) as refused:
        throttling.spend("try", address="a")

    assert refused.value.code == "too_many_requests"
    soon = datetime.now(UTC)
    assert soon < refused.value.retry_at <= soon + timedelta(minutes=1)


def test_each_key_is_counted_for_itself_and_in_any_case():
    throttling.spend("try", address="a", handle="Ada")
    throttling.spend("try", address="b", handle="ada")
    throttling.spend("try", address="c", handle="ADA")

    with pytest.raises(LimitReached):
        throttling.check("try", address="d", handle="ada")
    throttling.check("try", address="d", handle="bob")


def test_looking_does_not_count():
    for _ in range(5):
        throttling.check("try", address="a")


def test_what_has_no_rate_is_never_refused():
    for _ in range(5):
        throttling.spend("anything", address="a")


def test_hosts_share_their_counts_through_the_broker(valkey: str, settings: Any):
    settings.REDIS_URL = valkey
    throttling.spend("try", address="shared")
    throttling.spend("try", address="shared")
    throttling._shared.cache_clear()  # as another process

    with pytest.raises(LimitReached):
        throttling.spend("try", address="shared")


def test_without_a_broker_a_process_counts_for_itself(settings: Any):
    settings.REDIS_URL = "redis+socket:///nowhere/valkey.sock"
    throttling.spend("try", address="alone")
    throttling.spend("try", address="alone")

    with pytest.raises(LimitReached):
        throttling.spend("try", address="alone")


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (2, "6.6.6.6, 7.7.7.7, 8.8.8.8", "7.7.7.7"),
        (2, "7.7.7.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_nobody_chooses_the_address_that_is_counted(
    settings: Any, proxies: int, told: str, address: str
):
    settings.PROXIES = proxies
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": told}, REMOTE_ADDR="10.0.0.1"
    )

    assert throttling.address_of(request) == address
