"""A folder and a bucket keep the same promises."""

import hashlib
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from assay.protocol.errors import NotFound, Refusal, Unavailable
from storage.address import BucketAddress
from storage.stores import Disk, Staging, Store
from storage.stores.bucket import Bucket
from tests.services.s3 import make_bucket

CONTENT = b"twenty-four bytes are it"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PART = 10


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "disk":
        yield Disk(tmp_path)
        return
    endpoint = request.getfixturevalue("s3")
    name = f"bucket-{uuid4().hex[:12]}"
    make_bucket(endpoint, name)
    yield Bucket(BucketAddress(name, "deep/down/", endpoint, "us-east-1"))


def staging_in(store: Store, size: int = len(CONTENT)) -> Staging:
    count = max(1, -(-size // PART))
    staging = Staging(str(uuid4()), "", PART, count)
    return Staging(staging.upload, store.begin(staging), PART, count)


def put(store: Store, staging: Staging, number: int, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    store.put_part(staging, number, memoryview(content), digest)


def put_all(store: Store, staging: Staging, content: bytes = CONTENT) -> None:
    for number in range(staging.part_count, 0, -1):
        put(store, staging, number, content[(number - 1) * PART : number * PART])


def keep(store: Store, content: bytes = CONTENT) -> str:
    draft = store.write([content])
    store.publish(draft)
    return draft.sha256


def names(store: Store) -> set[str]:
    return {stored.name for stored in store.blobs()}


def test_what_is_published_can_be_read_from_anywhere(store: Store):
    draft = store.write([CONTENT[:7], CONTENT[7:]])
    assert (draft.sha256, draft.size) == (SHA256, 24)
    with pytest.raises(NotFound):
        store.open(SHA256)

    store.publish(draft)

    with store.open(SHA256) as file:
        assert file.read() == CONTENT
        file.seek(7)
        assert file.read(4) == CONTENT[7:11]
        file.seek(-3, 2)
        assert file.read() == CONTENT[-3:]
    assert names(store) == {SHA256}


def test_a_large_stream_is_written_and_read_as_it_was(store: Store):
    block = hashlib.sha256(b"block").digest() * 2**15
    draft = store.write(block for _ in range(20))
    store.publish(draft)

    assert draft.size == 20 * 2**20
    with store.open(draft.sha256) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == draft.sha256


def test_a_source_that_fails_and_a_draft_that_is_dropped_leave_nothing(store: Store):
    def pieces() -> Iterator[bytes]:
        yield b"wei"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.write(pieces())
    store.discard(store.write([CONTENT]))

    assert names(store) == set()
    assert store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: Store):
    keep(store)

    store.delete(SHA256)
    store.delete(SHA256)

    with pytest.raises(NotFound):
        store.open(SHA256)
    assert names(store) == set()


def test_parts_in_any_order_join_to_the_whole(store: Store):
    staging = staging_in(store)
    put_all(store, staging)

    assert set(store.parts(staging)) == {1, 2, 3}
    with store.joined(staging) as draft:
        assert (draft.sha256, draft.size) == (SHA256, 24)
        store.publish(draft)
    store.drop(staging)

    with store.open(SHA256) as file:
        assert file.read() == CONTENT
    assert list(store.stagings()) == []


def test_a_part_that_is_put_again_takes_the_place_of_the_first(store: Store):
    staging = staging_in(store)
    put_all(store, staging, CONTENT.upper())

    put_all(store, staging)

    with store.joined(staging) as draft:
        assert draft.sha256 == SHA256


def test_a_join_that_was_not_published_is_joined_again(store: Store):
    """The server died after it joined and before it said so."""
    staging = staging_in(store)
    put_all(store, staging)
    with store.joined(staging):
        pass

    assert store.begin(staging) == staging.session
    assert set(store.parts(staging)) == {1, 2, 3}
    with store.joined(staging) as draft:
        assert draft.sha256 == SHA256


def test_no_part_gets_into_an_upload_that_has_ended(store: Store):
    staging = staging_in(store)
    put_all(store, staging)
    with store.joined(staging) as draft:
        store.publish(draft)
    store.drop(staging)

    with pytest.raises(Refusal):  # moto says 500 of a session that it forgot
        put(store, staging, 1, b"x" * PART)
    with pytest.raises(NotFound), store.joined(staging):
        pass

    with store.open(SHA256) as file:
        assert file.read() == CONTENT


def test_an_upload_that_is_dropped_has_no_parts_and_begins_again(store: Store):
    staging = staging_in(store)
    put(store, staging, 1, CONTENT[:PART])

    store.drop(staging)
    store.drop(staging)

    assert list(store.stagings()) == []
    assert store.parts(staging) == {}
    session = store.begin(staging)
    assert store.parts(Staging(staging.upload, session, PART, 3)) == {}


def test_an_unfinished_upload_is_listed_with_its_session(store: Store):
    staging = staging_in(store)

    (listed,) = store.stagings()

    assert (listed.name, listed.session) == (staging.upload, staging.session)
    assert listed.changed_at <= datetime.now(UTC)  # moto's clock stands in 2010


def test_a_draft_nobody_finished_is_swept_when_it_is_old(store: Store):
    store.write([CONTENT])

    assert store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 1


def test_a_store_says_whether_it_takes_anything(store: Store):
    store.check()


def test_a_bucket_takes_parts_and_gives_files_by_links_that_need_no_key(s3: str):
    make_bucket(s3, "links")
    bucket = Bucket(BucketAddress("links", "", s3, "us-east-1"))
    staging = staging_in(bucket, 10)
    target = bucket.target(staging, 1, SHA256, 10, 60)

    request = urllib.request.Request(
        target.url,
        CONTENT[:10],
        {"Content-Type": "application/octet-stream", **target.headers},
        method="PUT",
    )
    urllib.request.urlopen(request).close()

    assert set(bucket.parts(staging)) == {1}
    assert "X-Amz-Signature" in target.url
    keep(bucket)
    link = bucket.download_url(SHA256, name="model.safetensors", seconds=60)
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == CONTENT
        assert "model.safetensors" in answer.headers["Content-Disposition"]


def test_a_bucket_that_does_not_answer_is_a_refusal_that_says_so(s3: str):
    bucket = Bucket(BucketAddress("no-such-bucket", "", s3, "us-east-1"))

    with pytest.raises(Unavailable) as refusal:
        bucket.check()

    assert refusal.value.code == "storage_unavailable"
    assert "NoSuchBucket" in refusal.value.sentence


def test_a_disk_has_no_links(tmp_path: Path):
    disk = Disk(tmp_path)

    assert disk.target(staging_in(disk), 1, SHA256, 10, 60) is None
    assert disk.download_url(SHA256, name="x", seconds=60) is None
