"""A person may hold so much, and have so much entered in one competition."""

from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from assay.protocol.errors import LimitReached
from storage import services
from storage.selectors import used_bytes

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _disk(tmp_path: Path, settings) -> None:
    settings.STORAGE_PATH = tmp_path
    settings.USER_BYTES = 100


def begin(owner: User, now: datetime, size: int, digit: str = "a"):
    return services.begin_upload(owner=owner, sha256=digit * 64, size=size, now=now)


def test_what_one_holds_and_what_is_under_way_count_together(
    alice: User, bob: User, now: datetime
):
    services.store_bytes(owner=alice, content=b"x" * 40)
    begin(alice, now, 50)
    assert used_bytes(alice) == 90

    with pytest.raises(LimitReached) as refusal:
        begin(alice, now, 11, "b")

    assert refusal.value.code == "storage_quota"
    assert "90 bytes" in refusal.value.sentence
    assert begin(alice, now, 10, "b") is not None
    assert begin(bob, now, 100, "b") is not None


def test_an_upload_that_is_resumed_or_given_up_is_not_counted_again(
    alice: User, now: datetime
):
    upload = begin(alice, now, 80)

    assert begin(alice, now, 80) == upload
    services.abort_upload(owner=alice, upload_id=str(upload.pk))
    assert used_bytes(alice) == 0
    assert begin(alice, now, 100, "c") is not None
